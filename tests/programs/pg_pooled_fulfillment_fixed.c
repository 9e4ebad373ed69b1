/* The shop with a pool on PostgreSQL, its check inside the statement that changes the row.
 * database: postgresql
 * time-limit: 180
 * race: explore --max-executions 150
 * expect: clean
 */
#define FIXED
#include "pg_pooled_fulfillment.c"
