/*
 * The sum is done by Redis. Workers and who fills the list wait for each other: nothing to judge, and no finding.
 * database: redis
 * race: explore --max-executions 100
 * expect: clean
 *
 * race: explore --max-executions 60 -- brpop
 * expect: clean
 *
 * race: explore --max-executions 60 -- blmove
 * expect: clean
 *
 * race: explore --max-executions 60 -- bzpopmin
 * expect: clean
 *
 * race: explore --max-executions 60 -- xreadgroup
 * expect: clean
 *
 * race: explore --max-executions 60 -- patient
 * expect: clean
 */
#define FIXED
#include "rd_queue.c"
