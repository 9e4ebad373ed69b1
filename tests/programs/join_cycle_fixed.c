/* join_cycle.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "join_cycle.c"
