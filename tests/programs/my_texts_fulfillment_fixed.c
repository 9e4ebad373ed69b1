/*
 * The same with the question in the text that answers it, and the row locked.
 * database: mariadb
 * race: explore --max-executions 40
 * expect: clean
 */
#define FIXED
#include "my_texts_fulfillment.c"
