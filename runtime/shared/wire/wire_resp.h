/*
 * Redis serialization protocol, versions 2 and 3.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 *
 * Each command has one reply, but for subscriptions, which are confirmed once for each channel: by arrays in RESP2, by
 * push messages in RESP3. Arguments of AUTH and HELLO are passwords, and not told. Replies that nobody may expect
 * (CLIENT REPLY OFF) or that never end (MONITOR, replication) are named.
 */
#ifndef RACE_SHARED_WIRE_RESP_H
#define RACE_SHARED_WIRE_RESP_H

#include "wire_decoder.h"

/* What replies do; kinds of requests in the queue. */
enum wire_resp_request {
	WIRE_RESP_ORDINARY = 1,
	WIRE_RESP_MULTI,
	WIRE_RESP_WATCH,
	WIRE_RESP_EXEC, /* and DISCARD: ends a transaction, whatever comes of it */
	WIRE_RESP_RESET,
	WIRE_RESP_HELLO,
	WIRE_RESP_QUIT,
	WIRE_RESP_SUBSCRIBE,
	WIRE_RESP_PSUBSCRIBE,
	WIRE_RESP_SSUBSCRIBE,
	WIRE_RESP_UNSUBSCRIBE,
	WIRE_RESP_PUNSUBSCRIBE,
	WIRE_RESP_SUNSUBSCRIBE,
};

/* Takes bytes of either side. */
size_t wire_resp_sent(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor);
size_t wire_resp_received(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor);

/* A command's arguments are complete; they are in wire->request, a space between them. */
void wire_resp_command(struct wire *wire, struct wire_visitor visitor);

/* A reply is complete. */
void wire_resp_reply(struct wire *wire, struct wire_visitor visitor);

/* The kind of a command by its name in lower case, or of the confirmation that is called like it; 0: ordinary. */
enum wire_resp_request wire_resp_kind(const char *name);

enum { WIRE_RESP_LEAVES_BYTES = WIRE_REPLY_BYTES / 2, WIRE_RESP_INTO_ERROR = 255 };

/* A line of one number: more of it is to come, it is complete, it is none. */
enum wire_resp_line { WIRE_RESP_MORE, WIRE_RESP_DONE, WIRE_RESP_BAD };

void wire_resp_number_begin(struct wire_resp_side *side);
enum wire_resp_line wire_resp_number(struct wire_resp_side *side, uint8_t byte);

#endif
