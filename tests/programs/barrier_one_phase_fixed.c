/* barrier_one_phase.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "barrier_one_phase.c"
