/*
 * Database servers that --db names, and the sessions that controlled tasks have with them: how both sides know them.
 *
 * race fills in `peer` before the start: the address that the server answers at, as connect() is given it. A session
 * is a row per connected socket, known by the kernel's identity of the socket, the same in every process. What passes on
 * it is followed by a decoder (wire/wire.h) of the peer's protocol; whoever has the turn writes it. race empties the table before each execution.
 *
 * What only the server knows (who waits for a lock) is asked of race by an inquiry, and answered on a connection of
 * race's own.
 *
 * Sessions that the program has open at its snapshot (runtime/snapshot.h) live on from execution to execution, where
 * they can. The target passes their descriptors to race, in one message to the socket DATABASE_DOOR in settings.folder,
 * with the rows' indexes; then asks INQUIRY_INHERIT. From then on race has duplicates, and between two executions the
 * server keeps of each session again what it kept at the snapshot (explorer/db/heir.h).
 */
#ifndef RACE_SHARED_DATABASE_H
#define RACE_SHARED_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include "choice.h"
#include "wire/wire_layout.h"

enum { DATABASE_PEERS = 8, DATABASE_SESSIONS = 256, DATABASE_ADDRESS_BYTES = 128, DATABASE_HEIRS = 128 };
#define DATABASE_DOOR "/sessions"

/* Why the sessions that a program has open before its first thread can't live on. X(identifier, text) */
#define SESSION_LOSSES(X) \
	X(NONE, "none") \
	X(MANY, "there are too many") \
	X(DOOR, "their descriptors can't be passed to race") \
	X(LOOP, "an event loop waits for them") \
	X(UNREAD, "a request on one is under way, or its reply was not read to its end") \
	X(TRANSACTION, "one is in a transaction") \
	X(UNCLEAR, "one is encrypted, or what is said on it can't be followed") \
	X(HOLDS, "one holds locks, cursors, temporary tables or the like") \
	X(PROTOCOL, "Redis' sessions don't") \
	X(CHANGES, "the program changes a database before its first thread") \
	X(ENDED, "one has ended without a goodbye") \
	X(REPAIR, "what an execution has left in one can't be undone")

enum session_loss {
#define X(identifier, text) SESSION_LOSS_##identifier,
	SESSION_LOSSES(X)
#undef X
};

static inline const char *session_loss_text(unsigned int loss)
{
	switch (loss) {
#define X(identifier, text) case SESSION_LOSS_##identifier: return text;
	SESSION_LOSSES(X)
#undef X
	default: return "unknown";
	}
}

/* Does a process begin its executions with sessions that it had? LATER: nor do the databases hold what others begin with. */
enum inheritance { INHERITS_NOTHING, INHERITS_SESSIONS, INHERITS_LATER };

/* What statements may have changed of what the server keeps for a session, beside its transaction. */
enum session_mark {
	SESSION_MARK_USED = 1,     /* there were some */
	SESSION_MARK_PREPARED = 2, /* prepared statements */
	SESSION_MARK_SETTINGS = 4, /* its variables */
	SESSION_MARK_ANYTHING = 8, /* locks, temporary tables, cursors, ... */
	SESSION_MARK_LOCKS = 32,   /* of no table */
	SESSION_MARK_CHANGES = 16, /* the database: it may not be what it was */
	SESSION_MARK_DEFINES = 64, /* what there is in it besides rows, or the server */
	SESSION_MARK_NUMBERS = 128, /* the number that was handed out last (MySQL) */
	SESSION_MARK_FAILED = 256, /* none of statements: one has failed; MySQL does not tell of a transaction then */
};

struct database_peer {
	uint32_t name;   /* text offset: the URL without user, password and parameters */
	uint32_t database; /* text offset: what the server calls it, which sessions must work on; "": not known */
	uint32_t protocol; /* enum wire_protocol */
	uint32_t arrives; /* it is not there when an execution begins: the program makes it (explorer/db/arrival.h) */
	uint32_t rushes; /* who waits for one lock is woken together and races for it: see interpose/session_queue.h */
	uint32_t naddress;
	uint8_t address[DATABASE_ADDRESS_BYTES]; /* struct sockaddr of some kind */
	/*
	 * What has been asked on sessions that are followed since the campaign began: requests as MySQL counts them, and sends
	 * which may have asked for more than rows, or are not counted rightly.
	 */
	uint64_t nasked, nunclear;
};

/* A text that was prepared: its statement. */
struct database_text {
	uint64_t hash;      /* as the decoder tells it; 0: free */
	uint32_t statement;
	uint32_t reserved;
	char named[WIRE_KEY_BYTES]; /* of the rows that it changes, its parameters left open: see wire/wire_key.h */
};

enum session_phase {
	SESSION_FREE,
	SESSION_OPEN,
	SESSION_LOST, /* its bytes are not understood, the decoder said why */
};

/* Encryption by TLS. */
enum session_veil {
	VEIL_NONE,
	VEIL_AGREED, /* upon; who does it has not been seen yet */
	VEIL_LIFTED, /* a library does, and its text is told: see interpose/session_tls.h */
	VEIL_HIDES,  /* nobody knows what is said */
};

/* What the reply to the request under way says. */
struct database_reply {
	uint64_t digest;  /* of rows */
	uint32_t changes; /* rows */
	uint32_t code;    /* 0, or what went wrong in the terms of traces: 1, BUSY, CONSTRAINT */
	uint32_t victim;  /* enum choice_victim */
	bool undoes;      /* the request asks for the transaction to be rolled back */
	bool null;        /* a result was nothing */
	bool closed;      /* the server has closed the connection */
};

struct database_session {
	uint64_t key;       /* device and inode of the socket */
	uint32_t phase;     /* enum session_phase */
	uint32_t peer;      /* index */
	int32_t backend;    /* the server's number for it, 0: not told (yet) */
	uint32_t in_flight; /* a request was sent whose reply has not been seen */
	uint32_t object;    /* of kind CONNECTION */
	uint32_t database;  /* object of kind DATABASE */
	uint32_t statement; /* of the request under way */
	uint32_t counts;    /* Redis: the number replied to it is one of changes */
	char named[WIRE_KEY_BYTES]; /* rows that it names, "": not known */
	uint32_t seen;      /* bytes that the decoder has been told of and the client has not yet taken */
	uint32_t transaction; /* enum wire_transaction, before the request under way */
	uint32_t ntexts;
	uint64_t unit;      /* that the request under way was made for, see serving.h */
	uint32_t inherited; /* it was open at the snapshot, and lives on */
	uint32_t marks;     /* bit set of enum session_mark */
	uint32_t beside;    /* it works on the database by which others of its server are made, see interpose/session_arrival.h */
	uint32_t looped;    /* in an epoll set of this process, index + 1; 0: the client waits for each reply by itself */
	int32_t fd;         /* by which it is in there */
	uint16_t listens;   /* PostgreSQL: has asked for notifications */
	uint16_t notifies;  /* PostgreSQL: notifies others when its transaction is committed */
	uint32_t process;   /* index of the one that has connected, */
	int32_t socket;     /* and its descriptor for it */
	uint32_t veil;      /* enum session_veil */
	uint32_t spoken;    /* the client has sent something in the clear */
	struct database_reply reply;
	struct database_text texts[WIRE_PREPARED]; /* what the decoder remembers, too */
	struct wire wire;
};

enum inquiry_kind {
	INQUIRY_BLOCKED, /* does this session wait for a lock that another controlled one has? */
	INQUIRY_MARK,    /* look at what all servers hold now: PLAN_MARK */
	INQUIRY_REORDER, /* move what was not moved yet: PLAN_REORDER_NEW */
	INQUIRY_SETTLE,  /* wait until all other sessions in flight are done or blocked */
	INQUIRY_EXPIRE,  /* end this session's wait as its time-out would (Redis) */
	INQUIRY_END,     /* wait until the server is done with this session, whose connection has ended */
	INQUIRY_QUEUE,   /* does another session in flight wait for a lock that a third one has? */
	INQUIRY_INHERIT, /* can the sessions that were passed on (`session`: how many) live on? 0, or enum session_loss; `inherits` is set */
	INQUIRY_ARRIVES, /* the program is about to make the database of this peer (`session`: its index) */
	INQUIRY_ARRIVED, /* it has made it */
	INQUIRY_LEAVES,  /* the program is about to drop it: look at it now, and let go of it */
	INQUIRY_FORGET,  /* they don't any more; with session 1: others begin now, with what they begin with */
};

enum inquiry_state { INQUIRY_NONE, INQUIRY_PENDING, INQUIRY_ANSWERED };

struct inquiry {
	uint32_t word;    /* enum inquiry_state; futex */
	uint32_t kind;    /* enum inquiry_kind */
	uint32_t session; /* index */
	int32_t answer;   /* 0, 1, or -1: race can't tell; or as the kind says */
};

#endif
