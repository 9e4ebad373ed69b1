/* predicate_other_lock.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "predicate_other_lock.c"
