/* Puts those rows of a MariaDB database back that differ from the start state as it was looked at last. */
#ifndef RACE_EXPLORER_DB_MARIADB_REPAIR_H
#define RACE_EXPLORER_DB_MARIADB_REPAIR_H

#include "mariadb_look.h"

/* False: that can't be done row by row, or was not all. */
bool mariadb_repair(struct server *server);

#endif
