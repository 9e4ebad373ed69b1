/* socket_withdrawals.c with its fix: looking and taking are one critical section.
 * race: explore --max-executions 300 -- unix
 * expect: clean
 * race: explore --max-executions 300 -- tcp
 * expect: clean
 */
#define FIXED
#include "socket_withdrawals.c"
