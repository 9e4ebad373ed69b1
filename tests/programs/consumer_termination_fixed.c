/* consumer_termination.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "consumer_termination.c"
