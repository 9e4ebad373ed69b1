/* pipe_both_read.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 */
#define FIXED
#include "pipe_both_read.c"
