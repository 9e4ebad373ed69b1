/* if_not_while.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "if_not_while.c"
