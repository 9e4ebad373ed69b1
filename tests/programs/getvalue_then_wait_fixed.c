/* getvalue_then_wait.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "getvalue_then_wait.c"
