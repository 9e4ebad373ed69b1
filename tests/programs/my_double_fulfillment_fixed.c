/*
 * The fulfilment on MariaDB with its check inside the statement that changes the row.
 * database: mariadb
 * time-limit: 180
 * race: explore --max-executions 100
 * expect: clean
 */
#define FIXED
#include "my_double_fulfillment.c"
