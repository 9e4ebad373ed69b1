/* All that is there is taken when an event comes.
 * race: explore --strategy dfs --bound none --max-executions 0
 * expect: clean
 * exhausted: all
 * race: explore --strategy random --max-executions 100
 * expect: clean
 */
#define FIXED
#include "epoll_edge.c"
