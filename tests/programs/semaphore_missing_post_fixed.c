/* semaphore_missing_post.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "semaphore_missing_post.c"
