/* rwlock_upgrade.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "rwlock_upgrade.c"
