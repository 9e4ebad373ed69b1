/*
 * The same fulfilments with what was missing: SERIALIZABLE and another try, the row count, a lock beyond the commit, a
 * unique key, and a queue whose workers skip what others have locked.
 * database: mariadb
 * time-limit: 120
 * race: explore --max-executions 30 -- committed
 * expect: clean
 * race: explore --max-executions 15 -- uncounted
 * expect: clean
 * race: explore --max-executions 50 -- early-unlock
 * expect: clean
 * race: explore --max-executions 15 -- check-insert
 * expect: clean
 * race: explore --max-executions 15 -- queue
 * expect: clean
 */
#define FIXED
#include "my_half_fixes.c"
