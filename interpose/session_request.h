/*
 * What a client asks a database server for, before its bytes leave and when they have left.
 */
#ifndef RACE_SESSION_REQUEST_H
#define RACE_SESSION_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "shared/wire/wire_layout.h"

enum { SESSION_REQUEST_PARTS = 16 };

struct session_request {
	uint32_t statement; /* the one in it, or what stands for several, see session_statement.h; 0: unknown */
	uint32_t parts[SESSION_REQUEST_PARTS]; /* those in it, without repetitions; there may be more than these */
	uint32_t nparts;
	uint32_t last;      /* the last one in it, 0: unknown */
	uint32_t session;
	char named[WIRE_KEY_BYTES]; /* rows that the last one changes, by wire_key.h; "" where there are several */
	bool counts;        /* Redis: the reply's number tells how much the only command has changed */
	uint64_t patience_ns; /* Redis: how long it waits for others, see session_command.h */
	uint32_t marks;  /* what it may leave in the session: bit set of enum session_mark */
	uint32_t ncloses, nothers; /* MySQL: statements closed that were prepared before the snapshot, and all else in it */
	uint32_t nasked; /* MySQL: requests that the server counts */
	uint32_t makes, drops; /* the peer whose database it makes, or drops, + 1; 0: none */
	bool publishes;     /* one of them may send messages to subscribers; PostgreSQL: when it is committed */
	bool listens;       /* PostgreSQL: one of them asks for notifications */
	bool executes;      /* the server begins to work on it: it is a step */
	bool ends;          /* the client says goodbye */
};

/* What these bytes will ask for; the session stays as it is. */
void session_request_read(struct session_request *request, uint32_t session, const struct iovec *vectors, int nvectors);

/* How many bytes these are. */
int64_t session_request_length(const struct iovec *vectors, int nvectors);

/* The first `nbytes` of these have been sent. */
void session_request_sent(uint32_t session, const struct iovec *vectors, int nvectors, size_t nbytes);

#endif
