/* mailbox_overwrite.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * race: explore --strategy dfs --max-executions 10000
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "mailbox_overwrite.c"
