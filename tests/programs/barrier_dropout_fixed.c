/* barrier_dropout.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "barrier_dropout.c"
