/* predicate_other_lock.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "predicate_other_lock.c"
