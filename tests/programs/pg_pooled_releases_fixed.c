/*
 * The handlers on PostgreSQL, which give back last what keeps them apart.
 * database: postgresql
 * time-limit: 180
 *
 * race: explore --max-executions 100 -- commit
 * expect: clean
 *
 * race: explore --max-executions 100 -- unlock
 * expect: clean
 *
 * race: explore --max-executions 100 -- unlock-commit
 * expect: clean
 *
 * race: explore --max-executions 100 -- savepoint
 * expect: clean
 *
 * race: explore --max-executions 100 -- merge
 * expect: clean
 *
 * race: explore --max-executions 100 -- long
 * expect: clean
 */
#define FIXED
#include "pg_pooled_releases.c"
