/* The withdrawals of pg_early_looks.c, under a lock that is held until their transactions have ended.
 * database: postgresql
 * time-limit: 180
 *
 * race: explore --max-executions 150 -- early-unlock
 * expect: clean
 *
 * race: explore --max-executions 150 -- query
 * expect: clean
 *
 * race: explore --max-executions 150 -- function
 * expect: clean
 *
 * race: explore --max-executions 150 -- several
 * expect: clean
 */
#define FIXED
#include "pg_early_looks.c"
