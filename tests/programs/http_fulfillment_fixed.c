/*
 * The handlers take the order by an update that only one of them wins.
 * race: explore -- threads
 * expect: clean
 * race: explore -- processes
 * expect: clean
 */
#define FIXED
#include "http_fulfillment.c"
