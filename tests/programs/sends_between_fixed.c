/* The other part is sent when both are there.
 * race: explore --max-executions 100
 * expect: clean
 */
#define FIXED
#include "sends_between.c"
