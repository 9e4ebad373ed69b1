/* coupon_double_spend.c with its fix.
 * race: explore --max-executions 300
 * expect: clean
 * exhausted: all
 */
#define FIXED
#include "coupon_double_spend.c"
