/* never_signalled.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "never_signalled.c"
