/*
 * The same with what was missing: a lock that only its owner takes away, SETNX as the check, a script that asks and
 * sells in one step, and WATCH.
 * database: redis
 * race: explore --max-executions 100 -- unowned
 * expect: clean
 * race: explore --max-executions 100 -- gives-back
 * expect: clean
 * race: explore --max-executions 100 -- scripts
 * expect: clean
 * race: explore --max-executions 100 -- multi
 * expect: clean
 * race: explore --max-executions 100 -- check-set
 * expect: clean
 * race: explore --max-executions 100 -- stock
 * expect: clean
 * race: explore --max-executions 100 -- all
 * expect: clean
 */
#define FIXED
#include "rd_half_fixes.c"
