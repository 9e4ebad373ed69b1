/* Which tables a MariaDB database has, and how they look. Columns that are computed from others are left out. */
#ifndef RACE_EXPLORER_DB_MARIADB_CATALOGUE_H
#define RACE_EXPLORER_DB_MARIADB_CATALOGUE_H

#include "mariadb.h"

struct mariadb_table {
	char *name, *quoted;
	char *list;      /* its columns, for SELECT: a FLOAT's text is not all of it */
	char *types;     /* type byte of each column, see struct image_value */
	char **quotes;   /* each column's name, quoted */
	char **encoding; /* the character set of each column's texts; NULL: it has none */
	uint32_t ncolumns;
	struct image_column *fields;
	bool transacts;  /* it is InnoDB's */
	bool fires;      /* it has triggers */
};

struct mariadb_catalogue {
	uint32_t ntables;
	struct mariadb_table *tables; /* in the order of their names' bytes */
	uint32_t nreferences;
	char *(*references)[4]; /* foreign keys of one column: table, column, table and key referred to */
	struct arena *arena;
};

/* NULL and a complaint. */
struct mariadb_catalogue *mariadb_catalogue_read(struct server *server, struct complaint *complaint);
void mariadb_catalogue_close(struct mariadb_catalogue *catalogue); /* NULL does nothing */

/* The rows of a result as those of a table, whose columns are there. -1: they don't fit. */
int mariadb_rows_read(struct arena *arena, MYSQL_RES *result, const char *types, struct image_table *table);

/* An image of those tables, without rows; NULL when memory is short. */
struct image *mariadb_catalogue_image(const struct mariadb_catalogue *catalogue, const char *database);

/* The end of reading an image, see image_finish. */
struct image *mariadb_catalogue_finish(const struct mariadb_catalogue *catalogue, struct image *image, bool whole);

#endif
