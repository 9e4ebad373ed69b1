/* The order is checked again when it is fulfilled: however the loop hears of things, that happens once.
 * race: explore --strategy dfs --bound none --max-executions 0 -- epoll
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- poll
 * expect: clean
 * exhausted: all
 * race: explore -- select
 * expect: clean
 * exhausted: yes
 * race: explore --strategy pos --max-executions 100 -- epoll
 * expect: clean
 */
#define FIXED
#include "event_double_fulfillment.c"
