/* livelock_polling.c with its fix: who can't have both gives back what it has before it lets the other go on.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "livelock_polling.c"
