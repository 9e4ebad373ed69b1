/* Three buyers, two items: the oversell where the check alone should have declined only the third.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#define BUYERS 3
#define STOCK "2"
#include "oversell.c"
