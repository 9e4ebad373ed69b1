/* The same with a conditional UPDATE; tests/db/created.sh runs both. */
#define FIXED
#include "my_created.c"
