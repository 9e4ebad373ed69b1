/* double_unlock.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "double_unlock.c"
