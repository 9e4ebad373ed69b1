/* What the files of the adapter for PostgreSQL share. Catalogues: https://www.postgresql.org/docs/15/catalogs.html */
#ifndef RACE_EXPLORER_DB_POSTGRES_H
#define RACE_EXPLORER_DB_POSTGRES_H

#include <postgresql/libpq-fe.h>

#include "adapter.h"

/* Schemas of ours: the marker of test databases, and the copy of the start state. */
#define POSTGRES_MARKER "race_test_database"
#define POSTGRES_COPY "race_start_state"
#define POSTGRES_FIRST "race_first_state" /* what the copy is called meanwhile when a later state is kept, too */

/* The first version that tells since when a session waits. */
enum { POSTGRES_WAITSTART = 140000 };

struct postgres_start;

struct server {
	PGconn *connection;
	bool kept;
	bool prompt;  /* sessions look for deadlocks at once */
	bool replica; /* what we write runs no triggers and checks no foreign keys */
	bool unclear; /* since the catalogues were looked at last something was said that may have changed more than rows */
	char *moved;  /* tables whose rows were moved since the last reset, by number, with commas between; NULL: none */
	char *name, *literal, *identifier; /* of the database that arrives (arrival.h), as SQL has it; NULL: ours is there */
	struct postgres_start *start; /* what we know of the start state; NULL: nothing, it is on the server only */
};

/* The condition on pg_class c, pg_namespace n that leaves the tables of the program. */
#define POSTGRES_TABLES \
	" pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition" \
	" AND c.relpersistence <> 't' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'" \
	" AND n.nspname NOT IN ('" POSTGRES_MARKER "', '" POSTGRES_COPY "', '" POSTGRES_FIRST "') "

/* The result of a query that returns rows; NULL and a complaint. To be cleared. */
PGresult *postgres_query(struct server *server, const char *sql, struct complaint *complaint);

/* Runs statements that return nothing. */
int postgres_run(struct server *server, const char *sql, struct complaint *complaint);

/* The first value of the first row as a number; -1: none. */
long postgres_number(struct server *server, const char *sql, struct complaint *complaint);

/* Runs what tries to take a lock until it answers 1, for three seconds: a campaign that has just ended lets go late. */
long postgres_lock(struct server *server, const char *sql, struct complaint *complaint);

/*
 * Several statements in one round trip: sent; then the result of each in turn, to be cleared, NULL and a complaint when
 * it failed, with which the others have. What is left is dropped by drain; by end, too, with a transaction that is open.
 */
int postgres_send(struct server *server, const char *statements, struct complaint *complaint);
PGresult *postgres_next(struct server *server, struct complaint *complaint);
void postgres_drain(struct server *server);
void postgres_end(struct server *server);

/* A server by this connection, which may have failed; NULL and a complaint. Then the connection is closed. */
struct server *postgres_begin(PGconn *connection, struct complaint *complaint);
void postgres_finish(struct server *server);

/* See struct adapter. */
int postgres_end_sessions(struct server *server, const int32_t *backends, uint32_t nbackends);
int postgres_mark(struct server *server, struct complaint *complaint);
void postgres_advise(struct server *server, advice_say *say, void *state);
int postgres_keep(struct server *server, struct complaint *complaint);
int postgres_keep_later(struct server *server, struct complaint *complaint);
int postgres_go_back(struct server *server, struct complaint *complaint);

/* Puts back whatever there is, by what is on the server only. */
int postgres_put_back(struct server *server, struct complaint *complaint);

/* From now on who closes a cycle of waits is the victim, where that can be had; as it was before. */
void postgres_victim_keep(struct server *server);
void postgres_victim_put_back(struct server *server);

/* The same for a database that has just arrived, and has it until it is dropped. */
void postgres_victim_arrive(struct server *server);

/* A session that waits has looked for a deadlock and found none: 1, 0 not yet, -1 can't be told. */
int postgres_victim_has_looked(struct server *server, int32_t backend);

/* Why it can't be had, as far as can be told; NULL: it can. */
const char *postgres_victim_doubt(struct server *server);

extern const struct adapter_arrival postgres_arrival;

/* See struct adapter. */
int postgres_reorder(struct server *server);
struct image *postgres_image(struct server *server, const char *database, struct complaint *complaint);

#endif
