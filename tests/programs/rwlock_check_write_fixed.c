/* rwlock_check_write.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "rwlock_check_write.c"
