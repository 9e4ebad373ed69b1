/* self_deadlock.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "self_deadlock.c"
