/* pointer_cleared.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "pointer_cleared.c"
