/*
 * What a client of PostgreSQL asks for: the messages in a piece of what it sends.
 * https://www.postgresql.org/docs/15/protocol-message-formats.html
 */
#ifndef RACE_SESSION_REQUEST_H
#define RACE_SESSION_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

struct session_request {
	uint32_t statement; /* of the last query in it, 0: unknown */
	uint32_t nreplies;  /* ReadyForQuery that it is answered with */
	bool executes;      /* the server begins to work on it, whatever comes after */
	bool ends;          /* Terminate */
};

/* Reads whole messages in the first buffer; a message that is not all there is unknown, and taken to execute. */
void session_request_read(struct session_request *request, uint32_t session, const struct iovec *vectors, int nvectors);

#endif
