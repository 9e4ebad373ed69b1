/* lost_update.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * race: explore --max-executions 300 -- wal
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "lost_update.c"
