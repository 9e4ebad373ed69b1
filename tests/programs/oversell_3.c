/* Three buyers, two items: the oversell where the check alone would have declined only the third.
 * race: explore --strategy auto --max-executions 300
 * expect: serializability within 10
 */
#define BUYERS 3
#define STOCK "2"
#include "oversell.c"
