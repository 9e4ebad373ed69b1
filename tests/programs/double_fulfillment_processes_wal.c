/*
 * Two handler processes both fulfil a pending order, in WAL mode.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#define SHOP_PROCESSES
#define SHOP_JOURNAL "WAL"
#include "double_fulfillment.c"
