/*
 * What a PostgreSQL server answers, read without taking it from the socket, and what the client has taken of it.
 */
#ifndef RACE_SESSION_REPLY_H
#define RACE_SESSION_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/database.h"

struct session_reply {
	uint32_t nbytes;     /* seen so far */
	uint32_t nready;     /* ReadyForQuery among it */
	uint32_t changes;    /* rows changed, as the command tags say */
	uint32_t code;       /* 0, or what went wrong in SQLite's terms: 1, BUSY, CONSTRAINT */
	uint8_t transaction; /* 'I', 'T', 'E' */
	bool rolled_back, closed;
	uint64_t digest;     /* of rows */
};

/* Looks at what has arrived: true when the reply is complete, or as much of it as can be looked at. */
bool session_reply_peek(struct session_reply *reply, int fd, uint32_t session);

/* What came of it, as traces have it: SQLite's result codes, rows included. */
int64_t session_reply_result(const struct session_reply *reply);

/* The reply's outcome into the trace, and into the session. */
void session_reply_record(const struct session_reply *reply, uint32_t session);

/* The client has taken these bytes. */
void session_reply_consume(struct database_session *session, const void *bytes, size_t nbytes);

#endif
