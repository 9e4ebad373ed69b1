/* A sale that was turned away takes its reservation back, and says that it has failed: a refusal.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "half_done.c"
