/*
 * The conversations on connections that are kept, with the check inside the statement that changes the row.
 * race: explore --max-executions 200 -- threads
 * expect: clean
 * race: explore --max-executions 200 -- processes
 * expect: clean
 * race: explore --max-executions 200 -- loops
 * expect: clean
 */
#define FIXED
#include "http_kept_alive.c"
