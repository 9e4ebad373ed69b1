/* signal_coalesce.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "signal_coalesce.c"
