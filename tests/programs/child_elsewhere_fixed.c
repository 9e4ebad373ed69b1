/* The lock is taken once.
 * race: explore --max-executions 20
 * expect: clean
 */
#define FIXED
#include "child_elsewhere.c"
