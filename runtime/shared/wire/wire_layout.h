/*
 * What a decoder remembers of a connection: for the decoders only, and for those who need its size.
 */
#ifndef RACE_SHARED_WIRE_LAYOUT_H
#define RACE_SHARED_WIRE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	WIRE_KEPT_BYTES = 8192,     /* of a client's message: statement text and parameters */
	WIRE_REPLY_BYTES = 512,     /* of a server's message: tags, errors, notices */
	WIRE_NAME_BYTES = 64,       /* of database and user */
	WIRE_KEY_BYTES = 128,       /* see wire_key.h */
	WIRE_PARAMETERS = 32,       /* shown of a statement; RESP: arguments */
	WIRE_PARAMETER_BYTES = 256, /* shown of each */
	WIRE_QUEUE = 64,            /* runs of different requests that are not yet answered */
	WIRE_PREPARED = 256,        /* prepared statements whose text is known; older ones are forgotten */
	WIRE_PORTALS = 8,           /* PostgreSQL: bound statements; older ones are forgotten */
	WIRE_PREPARING = 8,         /* MySQL: statements being prepared at once; of others the text is not known */
};

/* One direction: the message under way. */
struct wire_stream {
	uint8_t head[8];      /* of the message, while it is incomplete */
	uint8_t nhead, rest;  /* rest: enum wire_rest */
	uint32_t nkept;       /* bytes of the body in the buffer */
	uint64_t left;        /* bytes of the body still to come */
	uint64_t nbody;       /* bytes of the body so far */
	uint64_t hash;        /* of a text that goes on behind what was kept, or of rows */
	uint64_t rest_length; /* bytes of that text behind what was kept */
};

/* Requests of one kind in a row that are not yet answered. */
struct wire_run {
	uint8_t kind;         /* the decoder's own */
	uint32_t nstatements; /* in each */
	uint32_t size;        /* the decoder's own: messages to be answered */
	uint32_t count;       /* of requests */
	bool ordered;         /* PostgreSQL: a statement in it asks for an order of rows, or is not known */
};

struct wire_prepared {
	uint64_t key, text; /* hashes of name and text; MySQL: id + 1. A key of 0: free */
	uint32_t nparameters;
	bool ordered;   /* PostgreSQL: it asks for an order of rows */
	bool long_data; /* MySQL: a parameter was sent ahead, and is not among those of the next execution */
};

struct wire_portal {
	uint64_t key, text, parameters;
	bool executed, ordered;
};

struct wire_postgres {
	uint8_t asked;           /* request for encryption that is answered by one byte: 'S', 'G' */
	bool started;            /* StartupMessage was sent */
	bool waiting;            /* the server is next while connecting */
	bool copying;            /* it is the client that is next: data of COPY FROM STDIN */
	bool failed;             /* the server skips what comes before Sync */
	bool ordered;            /* a statement in the request that the client has not ended asks for an order of rows, or is not known */
	bool reopened;           /* the Sync of this request did not count: it was sent before the data of a COPY */
	uint8_t answer;          /* type of the server's message under way */
	uint8_t type;            /* of the client's */
	uint32_t size;           /* messages in the request that the client has not ended */
	uint32_t nstatements;    /* in it */
	uint32_t answered, done; /* messages and statements of the first unanswered request */
	uint32_t nportals;
	uint64_t rows, digest; /* of the result under way */
	char code[6];          /* first error of the first unanswered request */
	struct wire_portal portals[WIRE_PORTALS];
};

struct wire_mysql {
	uint8_t login;       /* how far connecting has got */
	uint8_t phase;       /* of the reply under way */
	bool waiting;        /* the server is next while connecting */
	bool asking;         /* the client is next: more of its authentication, while it changes the user */
	bool client_goes_on; /* the packet was full: the next one continues it */
	bool server_goes_on;
	bool row;                        /* the server's packet under way is one */
	uint8_t sequence;                /* number of the client's first packet */
	uint32_t capabilities, extended; /* both sides'; extended: MariaDB's */
	uint32_t number;                 /* error in the reply under way */
	char code[6];
	uint64_t columns; /* definitions still to come */
	uint64_t rest;    /* more of them, when these have come */
	uint64_t rows, digest;
	uint32_t id; /* of what is being prepared, as the reply says, and how many parameters it has */
	uint32_t nparameters;
	uint64_t nprepared_sent, nprepared_answered;
	uint64_t preparing[WIRE_PREPARING]; /* hashes of texts */
	uint64_t last;                      /* of the text prepared last */
};

struct wire_argument {
	uint32_t at, nbytes; /* present */
	uint64_t length;
};

/* A line or a bulk of one direction of RESP, put together from pieces. */
struct wire_resp_side {
	uint8_t phase, type;
	bool negative, ended; /* ended: the line's carriage return was there */
	uint8_t ndigits;
	uint64_t number; /* of a line; of a bulk: bytes still to come */
};

struct wire_resp {
	struct wire_resp_side client, server;
	bool told;                       /* of the session */
	bool three;                      /* RESP3 */
	bool cut;                        /* an inline command that is too long */
	uint64_t arguments, narguments;  /* of the command: still to come, so far */
	uint64_t text_hash, text_length; /* of the arguments with a space between */
	struct wire_argument shown[WIRE_PARAMETERS + 1];
	uint8_t top;              /* type of the outermost reply */
	bool null;                /* it is */
	uint64_t elements;        /* still to come, on all levels */
	uint64_t skipped;         /* the same of attributes in front of a reply */
	uint64_t ntop;            /* in the outermost */
	uint64_t integer;         /* the last one */
	uint64_t digest;          /* of the reply's bytes */
	uint32_t nleaves, nreply; /* texts and numbers in the reply; bytes of them that are kept */
	struct wire_argument leaves[4];
	struct wire_argument error; /* the first one within */
	bool failed;                /* there was one */
	uint8_t into; /* where the text under way is kept: a leaf's number from 1, INTO_ERROR, 0: nowhere */
	uint64_t confirmed, expected;        /* confirmations of a subscription */
	uint64_t channels, patterns, shards; /* subscribed to */
};

struct wire {
	uint8_t protocol, state, transaction, reason;
	uint32_t backend;
	uint64_t nsent, nanswered; /* statements */
	uint32_t first, nruns;     /* of the queue, which is a ring */
	uint32_t nprepared;
	struct wire_stream client, server;
	union {
		struct wire_postgres postgres;
		struct wire_mysql mysql;
		struct wire_resp resp;
	};
	struct wire_run queue[WIRE_QUEUE];
	struct wire_prepared prepared[WIRE_PREPARED];
	char database[WIRE_NAME_BYTES], user[WIRE_NAME_BYTES]; /* RESP: the number that SELECT gave, "": none yet */
	uint8_t reply[WIRE_REPLY_BYTES];
	uint8_t request[WIRE_KEPT_BYTES];
};

#endif
