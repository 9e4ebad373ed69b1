/*
 * The payment's key is inserted first; that it is there already means that the payment was made.
 * database: postgresql
 * race: explore --faults 1 --max-executions 100
 * expect: clean
 *
 * race: explore --faults 2 --max-executions 60
 * expect: clean
 */
#define FIXED
#include "pg_lost_reply.c"
