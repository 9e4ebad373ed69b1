/*
 * The order is locked, then read.
 * database: mariadb
 * race: explore --max-executions 60
 * expect: clean
 *
 * race: explore --strategy random --max-executions 40 -- 4
 * expect: clean
 */
#define FIXED
#include "my_row_queue.c"
