/* pipe_end_left_open.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "pipe_end_left_open.c"
