/* torn_pair.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "torn_pair.c"
