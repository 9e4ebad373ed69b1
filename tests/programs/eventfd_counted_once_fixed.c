/* eventfd_counted_once.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "eventfd_counted_once.c"
