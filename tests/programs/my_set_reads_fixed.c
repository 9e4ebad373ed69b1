/* The withdrawals of my_set_reads.c, which lock the row that they read.
 * database: mariadb
 * time-limit: 120
 * race: explore --max-executions 150
 * expect: clean
 */
#define FIXED
#include "my_set_reads.c"
