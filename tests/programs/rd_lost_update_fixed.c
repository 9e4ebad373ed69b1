/*
 * The withdrawals on Redis, made again when what they have read was changed: WATCH, MULTI, EXEC.
 * database: redis
 * time-limit: 180
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "rd_lost_update.c"
