/* c11_queue.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "c11_queue.c"
