/* The double fulfilment on PostgreSQL, statement by statement; counts/statement_orders.sh counts. */
#include "pg_shop.h"

#define SESSION PGconn
#define PARAMETER "$1"
#include "sql_orders.h"
