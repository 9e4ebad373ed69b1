/* abba_deadlock.c with its fix.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#define FIXED
#include "abba_deadlock.c"
