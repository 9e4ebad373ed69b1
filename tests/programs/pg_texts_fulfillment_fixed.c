/*
 * The same with the question in the text that answers it: only a pending order is fulfilled.
 * database: postgresql
 * race: explore --max-executions 40
 * expect: clean
 */
#define FIXED
#include "pg_texts_fulfillment.c"
