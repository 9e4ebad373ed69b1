/* oversell_3.c with its fix: the check and the decrement are one statement.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "oversell_3.c"
