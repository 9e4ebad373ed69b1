/* unlock_by_another.c with its fix: who took the lock gives it back.
 * race: explore --max-executions 100
 * expect: clean
 */
#define FIXED
#include "unlock_by_another.c"
