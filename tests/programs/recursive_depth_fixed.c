/* recursive_depth.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "recursive_depth.c"
