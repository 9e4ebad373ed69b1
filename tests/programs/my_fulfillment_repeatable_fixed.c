/*
 * The same with the row locked by the check: FOR UPDATE waits, and reads what is there now.
 * database: mariadb
 * time-limit: 180
 * race: explore --max-executions 60
 * expect: clean
 */
#define FIXED
#include "my_fulfillment_repeatable.c"
