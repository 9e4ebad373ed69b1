/* wrong_lock.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "wrong_lock.c"
