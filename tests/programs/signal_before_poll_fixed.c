/* signal_before_poll.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "signal_before_poll.c"
