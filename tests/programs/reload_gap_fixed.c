/* reload_gap.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "reload_gap.c"
