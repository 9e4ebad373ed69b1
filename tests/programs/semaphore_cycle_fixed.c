/* semaphore_cycle.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "semaphore_cycle.c"
