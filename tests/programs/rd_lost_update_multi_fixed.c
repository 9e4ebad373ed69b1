/*
 * The withdrawals on Redis in one command: DECRBY.
 * database: redis
 * time-limit: 180
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "rd_lost_update_multi.c"
