/* signal_handler_flag.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "signal_handler_flag.c"
