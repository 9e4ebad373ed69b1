/*
 * The withdrawals on MariaDB with the sum done by the statement.
 * database: mariadb
 * time-limit: 180
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "my_lost_update.c"
