/* max_number.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "max_number.c"
