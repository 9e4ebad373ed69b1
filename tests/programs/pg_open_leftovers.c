/* Sessions with PostgreSQL that are open when an execution ends. */
#include "pg_shop.h"

#define ORDER "$1"
#include "open_leftovers.h"
