/* file_lock_closed.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "file_lock_closed.c"
