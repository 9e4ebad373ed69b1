/* once_config.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "once_config.c"
