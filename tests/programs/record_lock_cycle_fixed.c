/* record_lock_cycle.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "record_lock_cycle.c"
