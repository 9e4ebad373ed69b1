/* Sessions with MariaDB that are open when an execution ends. */
#include "my_shop.h"

#define ORDER "%d"
#include "open_leftovers.h"
