/* orphan_row.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "orphan_row.c"
