/*
 * What has changed in a PostgreSQL database since its start state was there last. Every version of a row says which
 * transaction made it (xmin): those made since are read, and the number of those from before says whether some are gone.
 * So a table that nothing was done to costs one look over its pages on the server, and no row of it is sent. Catalogues
 * are looked at in the same way: where they have changed, this can't be used. Most of them need no look when it is known
 * that nobody has said anything that defines.
 * https://www.postgresql.org/docs/15/ddl-system-columns.html
 */
#ifndef RACE_EXPLORER_DB_POSTGRES_LOOK_H
#define RACE_EXPLORER_DB_POSTGRES_LOOK_H

#include "postgres_catalogue.h"
#include "repair.h"

enum { POSTGRES_CATALOGUES = 11, SNAPSHOT_BYTES = 512 };

/* Where a version of a row lies. */
struct postgres_place {
	uint32_t page;
	uint16_t item;
};

/* A table of the start state. */
struct postgres_kept {
	char *target, *copy;           /* it, and the table that holds its copy */
	char *columns, *updates;       /* those that can be written; what sets all but its key to those of c, NULL: none */
	bool fires;                    /* it has triggers that fire when we write */
	bool simple;                   /* whatever others hold, `updates` can set a row to any other of its key */
	struct image_table rows;       /* its columns are the catalogue's */
	struct postgres_place *places; /* of each row in the copy */
	struct repair_index *index;
	bool likely;                   /* the last look has found it touched: fresh rows are asked for at once */
	uint32_t first_page, last_page; /* that a fresh row was found in: when the table was small, and last; 0: not yet */
};

struct postgres_looked {
	bool touched, whole;           /* `now` has all its rows, or those only that were written */
	struct image_table now;
	struct postgres_place *places; /* of each row of now; NULL: not plain */
	struct repair *repair;         /* NULL: not plain, and touched */
};

/* The content as this transaction snapshot shows it, by what differs from the start state. */
struct postgres_look {
	char snapshot[SNAPSHOT_BYTES];
	struct postgres_looked *tables; /* of the start's catalogue */
	struct arena *arena;
	uint32_t ntables;
};

struct postgres_start {
	struct postgres_catalogue *catalogue;
	struct postgres_kept *tables;
	struct arena *arena;
	uint32_t since;                        /* transactions from this one on have changed things */
	uint64_t ncatalogue[POSTGRES_CATALOGUES]; /* rows in each */
	bool callable;                         /* it has functions: statements may do more than they say */
	uint32_t nresets, nlooks;
	struct postgres_look *last;            /* the last look at it; NULL: none that can be used */
};

/* Reads what keep has copied, and prepares to look. NULL: each time everything has to be looked at. */
struct postgres_start *postgres_start_read(struct server *server);
void postgres_start_close(struct postgres_start *start); /* NULL does nothing */

/* All is as it was at the start, by what the server says now: looks begin here. -1: that is not so. */
int postgres_look_afresh(struct server *server);

/*
 * Tables that versions of rows have made grow which nobody sees any more are made small again. True: there were some, looks
 * have to begin afresh.
 */
bool postgres_look_compact(struct server *server);

/* NULL: it can't be told in this way. */
struct postgres_look *postgres_look_open(struct server *server);
void postgres_look_close(struct postgres_look *look); /* NULL does nothing */

#endif
