/* logger_shutdown.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "logger_shutdown.c"
