/*
 * A session with a database server as it is observed: what its decoder tells becomes operations in the ring of the task
 * that takes the reply (OP_DB_STATEMENT, then RING_ROW and RING_TRANSACTION), all of a request's when it is answered.
 *
 * A statement that names its rows by the values of columns, and by nothing else, has a row that is a hash of these, in
 * which the names are bits 16 to 31 (session_ring_row); one that reads has the lower half of that as the operation's
 * result. What Redis does within MULTI is unknown, as is what a server does that has its names looked up elsewhere than
 * others (search_path, temporary tables): such a session has a database of its own.
 *
 * Whoever calls these has the session; see session_observed.h.
 */
#ifndef RACE_SESSION_RING_H
#define RACE_SESSION_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/wire/wire.h"
#include "shared/wire/wire_key.h"

enum { SESSION_RING_QUEUE = 64, SESSION_RING_ADDRESS_BYTES = 128 };

/* A statement that has been prepared. */
struct session_ring_text {
	uint64_t hash; /* as the decoder tells it; 0: free */
	uint32_t statement;
	bool whole;    /* `named` is all that its condition asks for */
	char named[WIRE_KEY_BYTES];
};

/* A statement that was sent. */
struct session_ring_sent {
	uint64_t number;    /* as the decoder has it */
	uint64_t row;       /* 0: not known */
	uint64_t site;
	uint32_t statement; /* 0: unknown */
	int32_t written;    /* hash of it with its parameters */
	uint32_t changes, code;
	bool answered, rows, nothing, waits; /* there is a result; it has rows, is NULL, or QUEUED */
	bool quiet;         /* it touches nothing */
	bool counts;        /* Redis: the number replied to it is one of changes */
};

struct session_ring {
	uint64_t object;   /* by which the ring knows the connection */
	uint32_t database; /* text; 0: not told yet */
	uint32_t selected; /* Redis: its number */
	bool apart;        /* its names mean other things than those of others */
	bool moved;        /* the database has another name, when the reply has come: */
	char next[WIRE_NAME_BYTES]; /* MariaDB: this one */
	bool waiting;      /* Redis: something waits for EXEC */
	bool encrypted, lost;
	uint8_t transaction; /* enum wire_transaction, after the last statement */
	uint64_t site;     /* of the call under way */
	uint32_t ntexts, nsent;
	bool whole;        /* of the statement being sent */
	char named[WIRE_KEY_BYTES];
	char address[SESSION_RING_ADDRESS_BYTES]; /* of the server */
	struct wire_key_parameters parameters;
	struct session_ring_sent sent[SESSION_RING_QUEUE];
	struct session_ring_text texts[WIRE_PREPARED];
	struct wire wire;
};

void session_ring_open(struct session_ring *session, enum wire_protocol protocol, uint64_t object, const char *address);

/* These bytes were sent, from this call; these have come. */
void session_ring_sent(struct session_ring *session, const void *bytes, size_t nbytes, uint64_t site);
void session_ring_received(struct session_ring *session, const void *bytes, size_t nbytes);

/* The connection is gone: what was not committed is undone. */
void session_ring_close(struct session_ring *session);

#endif
