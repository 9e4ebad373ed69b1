/*
 * The check stands in the statement that changes the row and tells whether it did.
 * race: explore --max-executions 1000
 * expect: clean
 */
#define FIXED
#include "fulfillment_returning.c"
