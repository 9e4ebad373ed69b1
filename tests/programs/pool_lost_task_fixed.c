/* pool_lost_task.c with its fix.
 * race: explore --max-executions 200
 * expect: clean
 * race: explore --strategy dfs --max-executions 10000
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "pool_lost_task.c"
