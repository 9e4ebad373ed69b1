/*
 * The same, its amounts taken in the statement that reads them. The order of rows differs from execution to execution.
 * database: postgresql
 * time-limit: 180
 * race: explore --strategy random --max-executions 300
 * expect: clean
 * race: explore --max-executions 100
 * expect: clean
 * race: explore --strategy random --max-executions 100 -- replies
 * expect: clean
 * race: explore --strategy random --max-executions 100 -- connecting
 * expect: clean
 * race: explore --strategy random --max-executions 100 -- connecting replies
 * expect: clean
 */
#define FIXED
#include "pg_listing.c"
