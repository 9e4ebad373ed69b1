/*
 * Who waits in vain gives up after half a minute, which takes no time here.
 * database: redis
 * race: explore --max-executions 60
 * expect: clean
 *
 * race: explore --max-executions 60 -- blmove
 * expect: clean
 */
#define FIXED
#include "rd_waits_for_ever.c"
