/*
 * The double fulfilment on PostgreSQL by two processes.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: double effect
 */
#define SHOP_PROCESSES
#include "pg_double_fulfillment.c"
