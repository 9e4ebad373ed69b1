/*
 * The handlers take the order by an update that only one of them wins.
 * race: explore -- threads
 * expect: clean
 * race: explore -- processes
 * expect: clean
 * race: explore --max-executions 100 -- loops
 * expect: clean
 * time-limit: 120
 */
#define FIXED
#include "http_fulfillment.c"
