/* getvalue_then_wait.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "getvalue_then_wait.c"
