/* The double fulfilment on MariaDB, statement by statement; counts/statement_orders.sh counts. */
#include "my_shop.h"

#define SESSION MYSQL
#define PARAMETER "%d"
#include "sql_orders.h"
