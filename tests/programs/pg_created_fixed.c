/* The same with a conditional UPDATE; tests/db/created.sh runs both. */
#define FIXED
#include "pg_created.c"
