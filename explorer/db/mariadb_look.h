/*
 * What has changed in a MariaDB database since its start state was there last: all rows are read in one round trip, and
 * compared with those of the start here; where it can be told, only of tables that may have changed. Columns are those of the start as long as the server has executed no statement
 * that changes definitions. Only InnoDB's tables are looked at so: its transaction counter says later whether anything
 * has ended since the look.
 */
#ifndef RACE_EXPLORER_DB_MARIADB_LOOK_H
#define RACE_EXPLORER_DB_MARIADB_LOOK_H

#include "mariadb_counts.h"
#include "mariadb_start.h"
#include "repair.h"

struct mariadb_looked {
	struct image_table now;
	struct repair *repair; /* NULL: it was not read, because it has not changed */
	bool renumbered;       /* the number that it hands out next is not that of the start */
};

struct mariadb_look {
	uint64_t counter; /* of transactions, before it was taken */
	uint32_t ntables;
	struct mariadb_looked *tables;
	struct arena *arena;
};

struct mariadb_start {
	struct mariadb_catalogue *catalogue;
	struct kept *kept;            /* in the same order */
	struct image_table *rows;
	struct repair_index **indices;
	struct arena *arena;
	struct mariadb_counts *counts; /* NULL: all tables are read */
	uint32_t nnumbered;            /* tables that hand out numbers */
	uint32_t nresets;
	struct mariadb_look *last;    /* the last look at it; NULL: none that can be used */
};

/* Reads what keep has copied into server->start. NULL: each time everything has to be looked at. */
void mariadb_start_read(struct server *server);
void mariadb_start_close(struct server *server); /* NULL afterwards */

/* NULL: it can't be told in this way. */
struct mariadb_look *mariadb_look_open(struct server *server);
void mariadb_look_close(struct mariadb_look *look); /* NULL does nothing */

/*
 * InnoDB's counter of transactions as SHOW ENGINE INNODB STATUS has it: one that ends has been counted. 0: not told.
 * `quiet`: no open one has changed anything.
 */
uint64_t mariadb_counter_of(MYSQL_RES *status, bool *quiet);

#endif
