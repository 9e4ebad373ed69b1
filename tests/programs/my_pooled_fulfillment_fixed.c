/* The shop with a pool on MariaDB, its check inside the statement that changes the row.
 * database: mariadb
 * time-limit: 180
 * race: explore --max-executions 150
 * expect: clean
 */
#define FIXED
#include "my_pooled_fulfillment.c"
