/*
 * The fulfilment with its check inside the statement, in WAL mode.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
 */
#define SHOP_JOURNAL "WAL"
#include "double_fulfillment_fixed.c"
