/* The queue, whose workers take what no other has locked.
 * database: postgresql
 * race: explore --max-executions 100
 * expect: clean
 */
#define FIXED
#include "pg_unsorted_queue.c"
