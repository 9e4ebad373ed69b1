/*
 * Sessions that live on from execution to execution (runtime/inherited.h): what the server keeps of one for its client
 * is asked for once, when it is inherited, and put back after each execution. race has a duplicate of the session's socket,
 * and speaks on it only between executions, or when the program has said goodbye on it.
 *
 * What a server keeps, and what is done about it:
 *   a transaction                     rolled back
 *   prepared statements               PostgreSQL: dropped and made anew under their names, with their types. MySQL: those made
 *                                     since are closed; the goodbye to an old one never reaches the server
 *   settings                          put back to what they were
 *   locks, cursors, temporary tables, channels (PostgreSQL), user variables (MySQL)
 *                                     dropped; a session that has some at the snapshot is not inherited
 *   numbers of sequences, the last id handed out
 *                                     forgotten
 *
 * Which of these is to be looked at follows from what was said on the session (enum session_mark). What is more than plain
 * statements is checked afterwards: the server is asked again.
 */
#ifndef RACE_EXPLORER_DB_HEIR_H
#define RACE_EXPLORER_DB_HEIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/database.h"

struct heir {
	uint32_t index;   /* of its row in the control block */
	uint32_t peer;
	uint64_t key;
	int32_t backend;
	int fd;           /* race's duplicate of its socket */
	struct database_peer *counts; /* what is asked of its server is counted there */
	struct wire wire; /* what the decoder knew of it at the snapshot */
	char *state;      /* what the server kept, as SQL that makes it anew */
};

/* The way to do it for a protocol; NULL: there is none. */
struct heir_server {
	uint32_t hidden; /* what it tells nobody of: bit set of enum session_mark */
	/* The first request of a conversation, as bytes. */
	size_t (*encode)(const char *sql, char *bytes, size_t nbytes);
	/* The first value of the last row in a reply; false: there is none. */
	bool (*value)(const struct heir *heir, const uint8_t *reply, size_t nbytes, const char **text, size_t *length);
	/* Asks what the server keeps, as SQL into *state (to be freed); NULL there: it is more than can be put back. */
	int (*ask)(struct heir *heir, char **state);
	/* Says what undoes the traces of plain statements; the answers are yet to be heard. -1: it could not be said. */
	int (*calm)(struct heir *heir, bool in_transaction, uint32_t marks);
	/* Undoes anything else that the marks allow for; the row is what the execution left. -1: it can't be undone. */
	int (*mend)(struct heir *heir, const struct database_session *row, uint32_t marks);
};

const struct heir_server *heir_server_of(uint32_t protocol);
extern const struct heir_server heir_postgres, heir_mariadb;

/* Asks what there is to put back. Why it can't be, NONE: it can. */
enum session_loss heir_open(struct heir *heir, const struct database_session *row, struct database_peer *peers);
void heir_close(struct heir *heir);

/*
 * Brings the row to rest, whose client is gone: what is unread is taken, a reply that is on its way is awaited. -1: the
 * session is not where another request may follow.
 */
int heir_settle(struct heir *heir, struct database_session *row);

/* Is more than heir_server.calm() called for? */
static inline bool heir_is_odd(uint32_t marks)
{
	return marks & (SESSION_MARK_PREPARED | SESSION_MARK_SETTINGS | SESSION_MARK_LOCKS | SESSION_MARK_ANYTHING);
}

/* For the protocols' files. A request as bytes, or as SQL, is sent; several statements one after the other, at once. */
int heir_send(struct heir *heir, const char *bytes, size_t nbytes);
int heir_say(struct heir *heir, const char *sql);
int heir_say_all(struct heir *heir, const char *const *statements, size_t n);
/* All answers have come, and none was an error. */
int heir_hear(struct heir *heir);
/* Says it and hears the first value of its last row; to be freed. */
char *heir_ask(struct heir *heir, const char *sql);
/* Says it, and hears that it was done. */
int heir_run(struct heir *heir, const char *sql);

#endif
