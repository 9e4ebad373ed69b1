/* As handler_reads_early, but the result is stored before the signal is sent.
 * race: explore --max-executions 200
 * expect: clean
 * race: explore --carrier thread --max-executions 200
 * expect: clean
 */
#define FIXED
#include "handler_reads_early.c"
