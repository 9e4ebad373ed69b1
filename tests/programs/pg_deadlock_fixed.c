/*
 * The transfers lock the account with the lower number first: there is no cycle.
 * database: postgresql
 * time-limit: 120
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "pg_deadlock.c"
