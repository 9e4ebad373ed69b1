/*
 * Two handler processes; the check is inside the statement that changes the row.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
 */
#define SHOP_PROCESSES
#include "double_fulfillment_fixed.c"
