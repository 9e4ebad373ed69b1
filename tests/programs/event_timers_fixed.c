/* Whoever uses the session looks at it again.
 * race: explore --strategy dfs --bound none --max-executions 0 -- epoll
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- poll
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "event_timers.c"
