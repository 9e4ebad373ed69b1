/*
 * The same with the row locked: whoever waits for it has its reply as soon as the other commits.
 * database: postgresql
 * race: explore --max-executions 40
 * expect: clean
 */
#define FIXED
#include "pg_pipeline_fulfillment.c"
