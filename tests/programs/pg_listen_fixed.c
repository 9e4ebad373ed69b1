/*
 * pg_listen.c whose workers let PostgreSQL do the sum.
 * database: postgresql
 * race: explore --max-executions 100
 * expect: clean
 */
#define FIXED
#include "pg_listen.c"
