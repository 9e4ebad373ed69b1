/*
 * The same fulfilments with what was missing: a transaction, another look at the row, the row count, a lock until the
 * commit, a unique key, and a queue whose workers skip what others have locked.
 * database: postgresql
 * time-limit: 120
 * race: explore --max-executions 10 -- autocommit
 * expect: clean
 * race: explore --max-executions 10 -- late-lock
 * expect: clean
 * race: explore --max-executions 10 -- uncounted
 * expect: clean
 * race: explore --max-executions 30 -- early-unlock
 * expect: clean
 * race: explore --max-executions 10 -- check-insert
 * expect: clean
 * race: explore --max-executions 10 -- queue
 * expect: clean
 */
#define FIXED
#include "pg_half_fixes.c"
