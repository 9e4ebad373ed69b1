/* timed_wait_success.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "timed_wait_success.c"
