/* unique_validation.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "unique_validation.c"
