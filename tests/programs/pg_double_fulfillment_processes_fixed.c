/*
 * Two processes; the check is inside the statement that changes the row.
 * database: postgresql
 * time-limit: 180
 * race: explore --max-executions 150
 * expect: clean
 */
#define SHOP_PROCESSES
#include "pg_double_fulfillment_fixed.c"
