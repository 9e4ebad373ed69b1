/* Looks a hundred times.
 * race: explore --strategy random --max-executions 200
 * expect: clean
 * race: explore --strategy pct --max-executions 100
 * expect: clean
 */
#define FIXED
#include "looks_for_server.c"
