/* check_then_withdraw.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "check_then_withdraw.c"
