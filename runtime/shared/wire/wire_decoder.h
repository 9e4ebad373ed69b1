/*
 * What decoders of protocols are made of: their vtable, and what they share.
 */
#ifndef RACE_SHARED_WIRE_DECODER_H
#define RACE_SHARED_WIRE_DECODER_H

#include "wire.h"

/* Why a state is final. X(identifier, what a person calls it) */
#define WIRE_REASONS(X) \
	X(NONE, "") \
	X(GOODBYE, "the client said goodbye") \
	X(FATAL, "the server ended the session") \
	X(CANCEL, "the connection only cancels a statement") \
	X(TLS, "TLS") \
	X(GSSAPI, "GSSAPI encryption") \
	X(REPLICATION, "replication") \
	X(VERSION, "version of the protocol") \
	X(COMPRESSION, "compression") \
	X(METADATA, "optional metadata") \
	X(LOCAL_INFILE, "LOCAL INFILE") \
	X(MONITOR, "MONITOR") \
	X(NO_REPLIES, "CLIENT REPLY OFF or SKIP") \
	X(SUBSCRIBE_QUEUED, "subscribing in a transaction") \
	X(STREAMED, "streamed replies") \
	X(MALFORMED_REQUEST, "malformed request") \
	X(MALFORMED_REPLY, "malformed reply") \
	X(OUT_OF_STEP, "replies that do not match the requests") \
	X(COPY_IN_PIPELINE, "requests behind a COPY that takes data") \
	X(TOO_DEEP, "too many requests at once") \
	X(TOO_LONG, "too long a line") \
	X(PROTOCOL, "unknown protocol")

enum wire_reason {
#define X(identifier, text) WIRE_BECAUSE_##identifier,
	WIRE_REASONS(X)
#undef X
};

/* What to do with a text behind what is kept of a message. */
enum wire_rest { WIRE_REST_UNKNOWN, WIRE_REST_TO_NUL, WIRE_REST_ALL, WIRE_REST_OVER };

struct wire_decoder {
	void (*open)(struct wire *wire);
	/* Take at least one byte of them; how many. Only called while the state is not final. */
	size_t (*sent)(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor);
	size_t (*received)(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor);
	void (*lift)(struct wire *wire); /* NULL: never encrypted */
	bool (*is_waiting)(const struct wire *wire);
	bool (*is_sending)(const struct wire *wire);
};

extern const struct wire_decoder wire_postgres_decoder, wire_mysql_decoder, wire_resp_decoder;

/* Ends decoding in a final state, and tells of it. */
void wire_leave(struct wire *wire, enum wire_state state, enum wire_reason reason, struct wire_visitor visitor);

/* The client is logged in; tells of its database, user and backend. */
void wire_begin(struct wire *wire, struct wire_visitor visitor);

static inline void wire_tell(struct wire_visitor visitor, const struct wire_event *event)
{
	visitor.visit(visitor.context, event);
}

static inline bool wire_is_final(const struct wire *wire)
{
	return wire->state > WIRE_READY;
}

/* The whole of these bytes. */
struct wire_text wire_text_of(const void *bytes, size_t nbytes);

/* At most `shown` of these bytes. */
struct wire_text wire_text_cut(const void *bytes, size_t nbytes, size_t shown);

/* A copy with an end, cut to WIRE_NAME_BYTES. */
void wire_name_copy(char *name, struct wire_text text);

#endif
