/*
 * What a database server answers, read without taking it from the socket, and what the client has taken of it.
 */
#ifndef RACE_SESSION_REPLY_H
#define RACE_SESSION_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/database.h"
#include "shared/wire/wire.h"

/* Keeps what a decoder tells in the session. */
struct wire_visitor session_reply_visitor(struct database_session *session);

/*
 * Looks at what has arrived: true when the reply is complete, or as much of it as can be looked at: what is behind
 * that is followed when the client takes it.
 */
bool session_reply_peek(int fd, uint32_t session);

/*
 * Waits until it is there (true), or the server keeps it back because of a lock that another controlled session has. The
 * turn is kept meanwhile.
 */
bool session_reply_wait(int fd, uint32_t session);

/* The client has said goodbye, or is gone: waits until the server has hung up, and undone what was not committed. */
void session_reply_await_end(int fd, uint32_t session);

/* What came of it, as traces have it: SQLite's result codes, rows included. */
int64_t session_reply_result(const struct database_reply *reply);

/* The reply is complete: its outcome goes into the trace, and into the session. */
void session_reply_record(uint32_t session);

/* The client has taken these bytes. */
void session_reply_consume(uint32_t session, const void *bytes, size_t nbytes);

#endif
