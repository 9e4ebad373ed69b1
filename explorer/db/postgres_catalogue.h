/* Which tables a PostgreSQL database has, and how they look. */
#ifndef RACE_EXPLORER_DB_POSTGRES_CATALOGUE_H
#define RACE_EXPLORER_DB_POSTGRES_CATALOGUE_H

#include "postgres.h"

struct postgres_table {
	const char *id, *name; /* its oid; as images call it: with the schema where that is not public */
	const char *source;    /* what to read it from: ONLY in front of it where its rows lie in it alone */
	const char *list;      /* its columns, for SELECT */
	char *types;           /* type byte of each column, see struct image_value */
	uint32_t ncolumns;
	struct image_column *columns;
	bool plain;            /* its rows lie in it alone, on pages: ctid names one */
};

struct postgres_reference {
	const char *table, *column, *refers, *key; /* a foreign key of one column */
};

struct postgres_catalogue {
	uint32_t ntables, nreferences;
	struct postgres_table *tables; /* in order of their names */
	struct postgres_reference *references;
	struct arena *arena;
};

/* Once for a connection, before anything else here. */
int postgres_catalogue_prepare(struct server *server, struct complaint *complaint);

/* In the transaction that is open. NULL and a complaint. */
struct postgres_catalogue *postgres_catalogue_read(struct server *server, struct complaint *complaint);
void postgres_catalogue_close(struct postgres_catalogue *catalogue); /* NULL does nothing */

/* The rows of a result as those of a table, whose columns are there; the result's from `first` on. -1: they don't fit. */
int postgres_rows_read(struct arena *arena, const PGresult *rows, int first, const char *types,
	struct image_table *table);

/* An image of those tables, without rows; NULL when memory is short. */
struct image *postgres_catalogue_image(const struct postgres_catalogue *catalogue, const char *database);

/* The end of reading an image, see image_finish. */
struct image *postgres_catalogue_finish(const struct postgres_catalogue *catalogue, struct image *image, bool whole);

#endif
