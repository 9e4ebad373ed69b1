/* The same, and what was accepted is done before the end.
 * race: explore --strategy dfs --max-executions 2000
 * expect: clean
 * exhausted: 2
 * race: explore --strategy random --max-executions 200 --carrier thread
 * expect: clean
 */
#define FIXED
#include "signalfd_shutdown.c"
