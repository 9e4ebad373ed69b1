/*
 * Adapters: what race does with a database server that --db names, on a connection of its own, outside the target. One
 * adapter for each kind of server; a new one is a row in adapter.c.
 */
#ifndef RACE_EXPLORER_DB_ADAPTER_H
#define RACE_EXPLORER_DB_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"
#include "shared/wire/wire.h"

struct server; /* an adapter's own */

/* What was wrong, in a sentence for people. */
struct complaint {
	char text[400];
};

enum advice { ADVICE_GOOD, ADVICE_NOTE, ADVICE_BAD };

typedef void advice_say(void *state, enum advice advice, const char *name, const char *text);

/*
 * How databases are had that the command makes itself (arrival.h): by a connection to the same server, but to another
 * database of it. All that the adapter asks of a server which is not about what the database holds can be asked of it, too.
 */
struct adapter_arrival {
	/* NULL: the URL's database is there, or it can't be told, in which case there may be a complaint. */
	struct server *(*open)(const char *url, struct complaint *complaint);
	/* The number of the URL's database, which no other has had under its name; 0: it is not there, -1: can't be told. */
	int64_t (*number)(struct server *server);
	/* It has just been made, and no session with it has begun. NULL: nothing is to be done. */
	void (*prepare)(struct server *server);
	/* Ends these sessions, which the program has with it or with the one beside. */
	int (*end)(struct server *server, const int32_t *backends, uint32_t nbackends);
	int (*drop)(struct server *server, struct complaint *complaint);
	/* The number of our own session with a server, which may be any. */
	int32_t (*session)(struct server *server);
};

struct adapter {
	const char *scheme; /* of its URLs: what stands before :// */
	enum wire_protocol protocol; /* what clients speak with it */
	/* Connects. NULL: it can't be reached or used. */
	struct server *(*open)(const char *url, struct complaint *complaint);
	/* What the server calls the database, valid until the next call; "" when it is not known. */
	const char *(*database)(struct server *server);
	/* May race destroy what is in it: is it empty or marked? */
	bool (*is_test)(struct server *server, struct complaint *complaint);
	/* Marks it as a test database, for this server and database only. -1 and a complaint. */
	int (*mark)(struct server *server, struct complaint *complaint);
	/* What can be done with it and why not more, and which settings would make it quicker, a sentence each. */
	void (*advise)(struct server *server, advice_say *say, void *state);
	/* Where it answers, as a client's connect() has it; at most *nbytes. False: can't be told. */
	bool (*address)(struct server *server, void *address, uint32_t *nbytes);
	/* Keeps what it holds now as the start state; -1 when that can't be done. */
	int (*keep)(struct server *server, struct complaint *complaint);
	/*
	 * Keeps what it holds now, too: this is the start state until go_back(), which puts back what keep() has kept, as
	 * reset() does again from then on. -1 and a complaint: the start state is what keep() has kept. NULL: there is one only.
	 */
	int (*keep_later)(struct server *server, struct complaint *complaint);
	int (*go_back)(struct server *server, struct complaint *complaint);
	/* Ends the sessions of these server processes and puts the start state back. */
	int (*reset)(struct server *server, const int32_t *backends, uint32_t nbackends, struct complaint *complaint);
	/*
	 * What it holds stays, but queries that ask for no order of rows get them in another one, as far as that can be had: of
	 * each table once after a reset. -1: it can't be asked. NULL: orders don't depend on what was done before.
	 */
	int (*reorder)(struct server *server);
	/*
	 * What was asked of it on sessions that are followed since the last call: so many requests, as it counts them. `plain`:
	 * none of them may have changed more than rows, nor was counted wrongly. Said before image() and reset(); what is left
	 * out was said by somebody else. NULL: it need not know.
	 */
	void (*hear)(struct server *server, uint64_t nasked, bool plain);
	/* All it holds. NULL: it can't be read. */
	struct image *(*image)(struct server *server, const char *database, struct complaint *complaint);
	/* Does `backend` wait for a lock that one of the others has? -1: can't be told. */
	int (*is_blocked)(struct server *server, int32_t backend, const int32_t *backends, uint32_t nbackends);
	/* Waits until each of `flying` is either done with its statement or waits for a lock that one of `backends` has. */
	int (*settle)(struct server *server, const int32_t *flying, uint32_t nflying, const int32_t *backends,
		uint32_t nbackends);
	/*
	 * The number of the session that has just begun to wait, where the server does not tell clients their numbers: the
	 * only one that waits and is not among `backends`. 0: can't be told. NULL: the server tells them.
	 */
	int32_t (*identify)(struct server *server, const int32_t *backends, uint32_t nbackends);
	/* Ends the wait of this session as its time-out would. NULL: there are no such waits. */
	int (*expire)(struct server *server, int32_t backend);
	/* Waits until the server is done with a session whose connection has ended. -1: can't be told. NULL: it is at once. */
	int (*wait_end)(struct server *server, int32_t backend);
	/*
	 * Does one of `flying` wait for a lock that one of `backends` other than `backend` has? -1: can't be told. NULL: the
	 * server grants locks in the order in which statements come.
	 */
	int (*has_queue)(struct server *server, int32_t backend, const int32_t *flying, uint32_t nflying,
		const int32_t *backends, uint32_t nbackends);
	/* NULL: a database is always there. */
	const struct adapter_arrival *arrival;
	/* Takes away what keep() made. The start state must have been put back. */
	void (*close)(struct server *server);
};

/* The adapter for a URL; NULL: none, or it is not in this build (a sentence says so). */
const struct adapter *adapter_find(const char *url, struct complaint *complaint);

/* The URL up to its database, without user, password and parameters; to be freed. NULL when memory is short. */
char *adapter_name(const char *url);

extern const struct adapter adapter_postgres, adapter_mariadb, adapter_redis;

#endif
