/* file_lock_upgrade.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "file_lock_upgrade.c"
