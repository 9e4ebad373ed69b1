/*
 * What a client and a database server say to each other, decoded from the bytes of one connection.
 *
 * A decoder is told of both directions and tells a visitor what it understood: statements, where a request ends, what
 * came of it, whether the connection is in a transaction. It never changes a byte, and never asks for one.
 *
 *     struct wire wire;
 *     wire_open(&wire, wire_protocol_of_port(5432));
 *     wire_sent(&wire, bytes, nbytes, visitor);       the client has sent (or is about to send) these bytes
 *     wire_received(&wire, bytes, nbytes, visitor);   the server has sent these
 *
 * Pure functions of a `struct wire`: no allocation, no pointers kept, no system call; it may be copied, and lie in
 * shared memory. Bytes may come in any pieces: the same bytes in the same order of directions give the same events,
 * whether one at a time or all at once. What a visitor gets is borrowed, and valid during its call only; it must not
 * feed the decoder that calls it. A server's bytes must not be told before those of the client that they answer.
 *
 * Memory is bounded. Texts longer than the bounds below are cut: `length` and `hash` of a wire_text are always of the
 * whole. Of messages longer than WIRE_KEPT_BYTES the rest is only hashed. Whatever does not fit the rules of the
 * protocol, or a bound that matching replies with requests depends on, ends in the state WIRE_LOST with its reason;
 * everything after that is passed through without a look, as it is when encrypted (but see wire_lift) or unsupported.
 *
 * Followed, chapter by chapter, in the implementations:
 *   PostgreSQL 15  "Frontend/Backend Protocol" (3.0): 55.2 Message Flow, 55.7 Message Formats, 55.8 Error Fields
 *                  https://www.postgresql.org/docs/15/protocol.html
 *   MariaDB        "Clients & Utilities / MariaDB Connectors / Client-Server Protocol", and where they differ
 *   MySQL 8.0      "Client/Server Protocol" of the source documentation (connection, command, prepared statements)
 *                  https://mariadb.com/kb/en/clientserver-protocol/
 *                  https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
 *   Redis          "Redis serialization protocol specification" (RESP2, RESP3, inline commands), "Pipelining",
 *                  "Transactions", "Pub/Sub"     https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
#ifndef RACE_SHARED_WIRE_H
#define RACE_SHARED_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire_layout.h"

enum wire_protocol { WIRE_POSTGRES = 1, WIRE_MYSQL, WIRE_RESP };

/* The connection as a whole. All after WIRE_READY are final; wire_reason() says why. */
enum wire_state {
	WIRE_STARTING,    /* connecting, authenticating */
	WIRE_READY,       /* statements may come */
	WIRE_ENDED,       /* the client has said goodbye, or asked another session's statement to be cancelled */
	WIRE_ENCRYPTED,   /* TLS or GSSAPI */
	WIRE_UNSUPPORTED, /* compression, replication, ...: understood, but not what follows */
	WIRE_LOST,        /* not this protocol, or a bound was met */
};

enum wire_transaction { WIRE_IDLE, WIRE_IN_TRANSACTION, WIRE_FAILED };

enum wire_event_kind {
	/* From the client. */
	WIRE_STATEMENT, /* a statement is complete: act, statement, text, name, source, nparameters */
	WIRE_PARAMETER, /* follows its statement, in order: text, index, is_binary, is_null */
	WIRE_REQUEST,   /* the client may wait now: nstatements since the last. RESP and MySQL: each command */
	WIRE_CANCEL,    /* backend: whose statement shall be cancelled */
	WIRE_END,       /* the client says goodbye */
	/* From the server. */
	WIRE_SESSION,      /* ready for the first time: text is the database, name the user, backend */
	WIRE_RESULT,       /* of a statement (several, where one text holds several): status, rows, affected, error */
	WIRE_COPY,         /* the server waits for the client's data */
	WIRE_REPLY,        /* all that a request asked for has come: transaction, and the first error in it */
	WIRE_NOTICE,       /* text, code: a warning that belongs to no statement in particular */
	WIRE_NOTIFICATION, /* unasked: name is the channel, text the payload */
	/* From either; the state is final now. */
	WIRE_LEFT, /* state, text is the reason */
};

enum wire_act {
	WIRE_QUERY = 1, /* text, to be executed at once */
	WIRE_PREPARE,   /* text, under a name */
	WIRE_BIND,      /* PostgreSQL: the parameters of the next WIRE_EXECUTE of this portal come before it */
	WIRE_EXECUTE,   /* what was prepared: source tells which, if it is known */
	WIRE_FETCH,     /* more rows of what was executed */
	WIRE_CLOSE,     /* what was prepared is no longer wanted */
	WIRE_COMMAND,   /* anything else that the server answers: ping, change of database, ... */
};

enum wire_status {
	WIRE_DONE,
	WIRE_ERROR,     /* code, number, text */
	WIRE_SUSPENDED, /* rows are left for later */
	WIRE_QUEUED,    /* RESP: will be executed by EXEC */
	WIRE_NULL,      /* RESP: nothing; of EXEC: not executed, because something watched was changed */
};

struct wire_text {
	const char *bytes; /* not terminated; NULL only when length is 0 */
	uint32_t nbytes;   /* present; fewer than length: cut */
	uint64_t length;   /* of the whole */
	uint64_t hash;     /* of the whole (hash.h); parameters and server's texts: of what is present when cut */
};

/*
 * Statements with a number are those that results are told of: in PostgreSQL Query, Execute and FunctionCall, in MySQL
 * all commands that are answered, in RESP all commands. Results come in their order. A statement behind an error in a
 * PostgreSQL pipeline has no result; an error that no numbered statement of its request is to blame for has number 0.
 *
 * MySQL tells no transaction state with an error: it stays as it was, but for 1213 (deadlock), which rolls back.
 */
struct wire_event {
	enum wire_event_kind kind;
	enum wire_act act;
	enum wire_status status;
	enum wire_state state;
	enum wire_transaction transaction;
	uint64_t statement;    /* number on this connection, from 1; of a result: whose; 0: has none (see below) */
	uint32_t nstatements;  /* in the request, or answered by the reply */
	struct wire_text text; /* RESP: arguments with a space between, but none of AUTH and HELLO */
	struct wire_text name; /* prepared statement (MySQL: none, `id` instead), user, channel; RESP: the command */
	uint64_t source;       /* hash of the text that an execute is of; 0: not known */
	uint64_t parameters;   /* hash of all parameters as sent; 0: none */
	uint32_t nparameters;  /* sent; shown are at most WIRE_PARAMETERS, and only what is within WIRE_KEPT_BYTES */
	uint32_t index;        /* of a parameter, from 0 */
	bool is_binary, is_null;
	uint32_t id;       /* MySQL: prepared statement */
	uint32_t backend;  /* the server's number for the session; 0: not told */
	uint64_t rows;     /* sent to the client; RESP: elements of the outermost array */
	uint64_t affected; /* inserted, updated, deleted, copied, as the server says */
	uint64_t digest;   /* hash of the rows (PostgreSQL: in any order if none was asked for), or of a RESP reply, as sent; 0: none */
	char code[6];      /* SQLSTATE, "" if there was no error; RESP: "" */
	uint32_t number;   /* MySQL: the error's number */
};

struct wire_visitor {
	void (*visit)(void *context, const struct wire_event *event);
	void *context;
};

/* A connection of which nothing has been seen. Protocol 0: lost from the start. */
void wire_open(struct wire *wire, enum wire_protocol protocol);

/* Bytes in the order in which they were sent, and the events that they complete. */
void wire_sent(struct wire *wire, const void *bytes, size_t nbytes, struct wire_visitor visitor);
void wire_received(struct wire *wire, const void *bytes, size_t nbytes, struct wire_visitor visitor);

/*
 * What an encrypted connection carries is told from here on, as its two ends have it before they encrypt and when they
 * have decrypted: it goes on from where the encryption was agreed upon. Nothing happens in another state.
 */
void wire_lift(struct wire *wire);

/* The server owes an answer and needs nothing more from the client for it. Also while connecting. */
bool wire_is_waiting(const struct wire *wire);

/* Redis: are messages sent to this client unasked, because it has subscribed to some? */
bool wire_is_subscribed(const struct wire *wire);

/* The client has begun a message, or a request, that it has not ended. */
bool wire_is_sending(const struct wire *wire);

enum wire_state wire_state(const struct wire *wire);
enum wire_transaction wire_transaction(const struct wire *wire);

/* Why the state is final, in words; "" when it isn't. */
const char *wire_reason(const struct wire *wire);

/* The protocol that is usual on a TCP port, 0: none known. */
enum wire_protocol wire_protocol_of_port(uint16_t port);

/*
 * The protocol whose client sends these first bytes; 0: can't be told (yet). MySQL's server speaks first, so that
 * its protocol is told by the server's first bytes.
 */
enum wire_protocol wire_protocol_of_client(const void *bytes, size_t nbytes);
enum wire_protocol wire_protocol_of_server(const void *bytes, size_t nbytes);

#endif
