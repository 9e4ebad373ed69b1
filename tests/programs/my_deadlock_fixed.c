/*
 * The transfers on MariaDB lock the account with the lower number first: there is no cycle.
 * database: mariadb
 * time-limit: 120
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "my_deadlock.c"
