/* turnstile_overtaken.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "turnstile_overtaken.c"
