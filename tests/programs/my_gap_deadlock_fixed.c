/*
 * The rows are inserted without a look: nobody has the gap.
 * database: mariadb
 * race: explore --max-executions 50
 * expect: clean
 */
#define FIXED
#include "my_gap_deadlock.c"
