/*
 * Two processes; the check is inside the statement that changes the row.
 * database: postgresql
 * race: explore --max-executions 200
 * expect: clean
 */
#define SHOP_PROCESSES
#include "pg_double_fulfillment_fixed.c"
