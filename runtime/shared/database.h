/*
 * Database servers that --db names, and the sessions that controlled tasks have with them: how both sides know them.
 *
 * race fills in `peer` before the start: the address that the server answers at, as connect() is given it. A session
 * is a row per connected socket, known by the kernel's identity of the socket, the same in every process. Its state
 * follows the bytes that pass; whoever has the turn writes it. race empties the table before each execution.
 *
 * What only the server knows (who waits for a lock) is asked of race by an inquiry, and answered on a connection of
 * race's own.
 */
#ifndef RACE_SHARED_DATABASE_H
#define RACE_SHARED_DATABASE_H

#include <stdint.h>

enum { DATABASE_PEERS = 8, DATABASE_SESSIONS = 256, DATABASE_PREPARED = 16, DATABASE_ADDRESS_BYTES = 128 };

struct database_peer {
	uint32_t name;   /* text offset: the URL without user, password and parameters */
	uint32_t object; /* reserved */
	uint32_t naddress;
	uint8_t address[DATABASE_ADDRESS_BYTES]; /* struct sockaddr of some kind */
};

/* Where one direction of a stream of messages (type byte, length, body) is. */
struct database_stream {
	uint8_t head[5];
	uint8_t nhead;    /* bytes of the head seen so far */
	uint16_t reserved;
	uint32_t left;    /* bytes of the body still to come */
};

struct database_prepared {
	uint64_t name;      /* hash of the client's name for it */
	uint32_t statement; /* 0: free */
	uint32_t reserved;
};

enum session_phase {
	SESSION_FREE,
	SESSION_STARTING, /* until the first ReadyForQuery */
	SESSION_READY,
	SESSION_ENDED,
	SESSION_LOST,     /* its bytes are not understood: TLS, or another protocol */
};

struct database_session {
	uint64_t key;     /* device and inode of the socket */
	uint32_t phase;   /* enum session_phase */
	uint32_t peer;    /* index */
	int32_t backend;  /* the server's process, 0: not told yet */
	uint32_t in_flight; /* a request was sent whose reply has not been seen */
	uint32_t object;  /* of kind CONNECTION */
	uint32_t database; /* object of kind DATABASE */
	uint32_t statement; /* of the request under way */
	uint32_t wanted;  /* replies (ReadyForQuery) outstanding */
	uint8_t transaction; /* 'I', 'T' or 'E', as the server said last */
	uint8_t answer;   /* 1: one byte without a head comes first (SSLRequest) */
	uint16_t nprepared;
	uint32_t reserved;
	struct database_stream from_server;
	struct database_prepared prepared[DATABASE_PREPARED];
};

enum inquiry_kind {
	INQUIRY_BLOCKED, /* does this session wait for a lock that another controlled one has? */
	INQUIRY_SETTLE,  /* wait until all other sessions in flight are done or blocked */
};

enum inquiry_state { INQUIRY_NONE, INQUIRY_PENDING, INQUIRY_ANSWERED };

struct inquiry {
	uint32_t word;    /* enum inquiry_state; futex */
	uint32_t kind;    /* enum inquiry_kind */
	uint32_t session; /* index */
	int32_t answer;   /* 0, 1, or -1: race can't tell */
};

#endif
