/* oversell_3.c with its fix: the check and the decrement are one statement.
 * race: explore --max-executions 300
 * expect: clean
 * race: explore --strategy dfs --max-executions 10000
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "oversell_3.c"
