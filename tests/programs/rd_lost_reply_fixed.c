/*
 * Each payment has a key of its own: to SET it again changes nothing.
 * database: redis
 * race: explore --faults 2 --max-executions 100
 * expect: clean
 */
#define FIXED
#include "rd_lost_reply.c"
