/* The lock is held from the look at the balance on.
 * race: explore --max-executions 200
 * expect: clean
 */
#define FIXED
#include "lost_update_file_lock.c"
