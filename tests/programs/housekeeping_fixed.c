/* Waits until the result is there; what waits beside it does not make the clock run away.
 * race: explore --strategy random --max-executions 300
 * expect: clean
 * race: explore --strategy pct --max-executions 300
 * expect: clean
 */
#define FIXED
#include "housekeeping.c"
