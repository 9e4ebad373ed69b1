/*
 * rd_subscribe.c: all have subscribed before anything is paid, and Redis does the sum.
 * database: redis
 * race: explore --max-executions 200 -- early
 * expect: clean
 *
 * race: explore --max-executions 200 -- polled
 * expect: clean
 */
#define FIXED
#include "rd_subscribe.c"
