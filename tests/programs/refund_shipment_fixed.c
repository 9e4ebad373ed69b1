/* refund_shipment.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: 2
 */
#define FIXED
#include "refund_shipment.c"
