/* signal_not_broadcast.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "signal_not_broadcast.c"
