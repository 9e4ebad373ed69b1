/* What the files of the adapter for MariaDB share. Statements: https://mariadb.com/kb/en/sql-statements/ */
#ifndef RACE_EXPLORER_DB_MARIADB_H
#define RACE_EXPLORER_DB_MARIADB_H

#include <mariadb/mysql.h>

#include "adapter.h"

/* The table that marks test databases, and what the database of the start state is called: the program's and this. */
#define MARIADB_MARKER "race_test_database"
#define MARIADB_COPY "_race_start_state"
#define MARIADB_LATER "_race_later_state" /* that of one that is kept besides */

enum { MARIADB_NAME_BYTES = 4 * 64 + 1, MARIADB_QUOTED_BYTES = 2 * MARIADB_NAME_BYTES + 2 };

struct mariadb_start;

struct server {
	MYSQL *connection;
	char database[MARIADB_NAME_BYTES]; /* the program's */
	char copy[MARIADB_QUOTED_BYTES];   /* of its start state, quoted as a name */
	char first[MARIADB_QUOTED_BYTES];  /* that of the first one, when that is a later one's */
	bool kept;
	bool answered; /* the first of several results has been taken */
	struct mariadb_start *start; /* what we know of the start state; NULL: nothing, it is on the server only */
	long long definitions; /* the server's count of statements that change some, when all was as it was; 0: not known */
	uint64_t nasked;       /* the server's count of requests, by all that is known to have been said (mariadb_questions.h) */
	bool unclear, driven;  /* something was said that may have changed definitions; the server works without being asked */
};

/* The condition on information_schema.TABLES that leaves the program's. */
#define MARIADB_TABLES \
	" FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')" \
	" AND TABLE_NAME <> '" MARIADB_MARKER "' "

/* Runs a statement that is printed as by printf; its rows, if it has some, are dropped. -1 and a complaint. */
__attribute__((format(printf, 3, 4)))
int mariadb_run(struct server *server, struct complaint *complaint, const char *format, ...);

/* The rows of such a statement, to be freed with mysql_free_result; NULL and a complaint. */
__attribute__((format(printf, 3, 4)))
MYSQL_RES *mariadb_query(struct server *server, struct complaint *complaint, const char *format, ...);

/* The first value of its first row as a number; -1: none. */
__attribute__((format(printf, 3, 4)))
long long mariadb_number(struct server *server, struct complaint *complaint, const char *format, ...);

/*
 * Several statements in one round trip: sent; then the result of each in turn, to be freed (NULL: it has no rows), with
 * mysql_affected_rows: 1, or 0 after the last, or -1 and a complaint. drain drops what is left; -1 when some failed.
 */
int mariadb_send(struct server *server, struct complaint *complaint, const char *statements);
int mariadb_next(struct server *server, struct complaint *complaint, MYSQL_RES **result);
int mariadb_drain(struct server *server);

/* The numbers that tables hand out next. */
#define MARIADB_NUMBERS "SELECT TABLE_NAME, AUTO_INCREMENT" MARIADB_TABLES "AND AUTO_INCREMENT IS NOT NULL"

/* Writes a name between backticks to MARIADB_QUOTED_BYTES. */
void mariadb_quote(char *quoted, const char *name);

/* A server whose URL this is, with its database or beside it with none; NULL and a complaint. */
struct server *mariadb_begin(const char *url, bool beside, struct complaint *complaint);
void mariadb_finish(struct server *server);

extern const struct adapter_arrival mariadb_arrival;

/* See struct adapter. */
int mariadb_mark(struct server *server, struct complaint *complaint);
bool mariadb_is_marked(struct server *server, struct complaint *complaint);
void mariadb_hear(struct server *server, uint64_t nasked, bool plain);
void mariadb_advise(struct server *server, advice_say *say, void *state);
int mariadb_keep(struct server *server, struct complaint *complaint);
int mariadb_keep_later(struct server *server, struct complaint *complaint);
void mariadb_drop_later(struct server *server);
int mariadb_go_back(struct server *server, struct complaint *complaint);
struct image *mariadb_image(struct server *server, const char *database, struct complaint *complaint);
int mariadb_is_blocked(struct server *server, int32_t backend, const int32_t *backends, uint32_t nbackends);
int mariadb_settle(struct server *server, const int32_t *flying, uint32_t nflying, const int32_t *backends,
	uint32_t nbackends);
int mariadb_wait_end(struct server *server, int32_t backend);

/* Is there a start state that a killed campaign left? -1: can't be told. */
int mariadb_is_dirty(struct server *server, struct complaint *complaint);

/* Puts the start state back: what is known to differ, or by what is on the server only; takes it away. */
int mariadb_reset(struct server *server, struct complaint *complaint);
int mariadb_put_back(struct server *server, struct complaint *complaint);
int mariadb_drop_copy(struct server *server, struct complaint *complaint);

/* Ends these sessions, if they are of this database, and waits until they are gone. */
int mariadb_end_sessions(struct server *server, const int32_t *backends, uint32_t nbackends);

#endif
