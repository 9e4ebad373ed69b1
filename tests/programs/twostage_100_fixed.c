/* twostage_100.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * time-limit: 120
 */
#define FIXED
#include "twostage_100.c"
