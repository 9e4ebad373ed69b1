/*
 * The withdrawals on PostgreSQL with the sum done by the statement.
 * database: postgresql
 * time-limit: 120
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "pg_lost_update.c"
