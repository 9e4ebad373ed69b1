/* The copy of a MariaDB database's start state: who makes it, and who puts it back (mariadb_reset.c). */
#ifndef RACE_EXPLORER_DB_MARIADB_START_H
#define RACE_EXPLORER_DB_MARIADB_START_H

#include "mariadb.h"

struct kept_table {
	int id; /* of its copy */
	const char *name, *definition, *sum;
	unsigned long long increment; /* next number to be handed out, 0: hands out none */
	/* Of columns that can be written: a list; the same of c; where t and c have the same key (NULL: no key), are equal. */
	const char *columns, *prefixed, *keyed, *same;
	char quoted[MARIADB_QUOTED_BYTES];
};

struct kept {
	uint32_t n;
	struct kept_table *tables;
	MYSQL_RES *result; /* owns the texts */
};

/* Table number `id` of the start state, 0: all. NULL and a complaint. */
struct kept *mariadb_kept_open(struct server *server, int id, struct complaint *complaint);
void mariadb_kept_close(struct kept *kept); /* NULL does nothing */

/* The statement that makes a table, without the number that it hands out next; its CHECKSUM TABLE. To be freed. */
char *mariadb_definition(struct server *server, const char *quoted, struct complaint *complaint);
/* The former from a result of SHOW CREATE TABLE, and that number, which it does not tell where it is 1. */
char *mariadb_definition_of(MYSQL_RES *result, unsigned long long *number);
char *mariadb_checksum(struct server *server, const char *quoted, struct complaint *complaint);

/* What there is besides the start state, by kind and name; how much of it is gone but tables. */
MYSQL_RES *mariadb_new_objects(struct server *server, struct complaint *complaint);
long long mariadb_lost_objects(struct server *server, struct complaint *complaint);

#endif
