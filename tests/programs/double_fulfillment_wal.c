/*
 * Both handlers fulfil a pending order; the database is in WAL mode.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#define SHOP_JOURNAL "WAL"
#include "double_fulfillment.c"
