/* barrier_dropout.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "barrier_dropout.c"
