/* livelock_polling.c with its fix: who can't have both gives back what it has before it lets the other go on.
 * race: explore --max-executions 200
 * expect: clean
 * race: explore --strategy dfs --max-executions 10000
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "livelock_polling.c"
