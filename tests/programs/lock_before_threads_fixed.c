/* lock_before_threads.c with its fix: the lock is given back before the thread is waited for.
 * race: explore --max-executions 100
 * expect: clean
 */
#define FIXED
#include "lock_before_threads.c"
