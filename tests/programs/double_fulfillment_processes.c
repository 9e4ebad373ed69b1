/*
 * Two handler processes both see a pending order and both fulfil it.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#define SHOP_PROCESSES
#include "double_fulfillment.c"
