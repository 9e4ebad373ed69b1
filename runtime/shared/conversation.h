/*
 * Conversations: connections between tasks on which HTTP is spoken, and the requests on them.
 *
 * A request that no other caused is a unit: its identity is made of who sends it and what it asks for, so it is the same
 * whoever serves it. In a serial plan (CHOOSER_SERIAL) it is held: its bytes are sent, but the server is not told that
 * they are there. The next one of the plan's order is let through when nobody can go on and the one before has been
 * answered. A request sent while serving another one belongs to the sender's unit and is never held.
 *
 * A client may send requests before the earlier ones are answered (RFC 9112, 9.3.2: pipelining). Each is a unit of its
 * own, replies belong to the oldest that has none, and one that is behind an unanswered one is held for as long as that,
 * in any order: a server could not do otherwise. So that it is known for which one a server works, what it reads at a
 * time ends where a request ends, as if what follows had come a moment later. That a server reads two at once is
 * therefore never tried; it would be the same server with less to choose from. Of more than there is room for, the last
 * one stands for itself and all behind it. Requests that are read otherwise (splice) are not told apart.
 *
 * What the client reads is taken for a reply to the request that was answered last, or is the only one.
 */
#ifndef RACE_SHARED_CONVERSATION_H
#define RACE_SHARED_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "limits.h"

struct world;
struct plan;

enum conversation_state {
	CONVERSATION_HELD,     /* one was sent, and is held */
	CONVERSATION_ASKED,    /* one was sent, or let through */
};

/* One that was sent and is not answered. Places are counted in bytes from the beginning of what the client has sent. */
struct conversation_request {
	uint8_t state;     /* enum conversation_state */
	uint8_t is_unit;   /* it is a unit of its own */
	uint8_t head;      /* a HEAD request */
	uint32_t nmore;    /* requests behind it that it stands for */
	uint64_t unit;     /* that works for it; 0: none */
	uint64_t sender;   /* unit that the client worked for when it sent it */
	uint64_t number;   /* in the order in which they were sent */
	uint64_t begin, end; /* UINT64_MAX: it has not been sent to its end */
	uint64_t digest;   /* of the body, when it has been */
	char context[HTTP_CONTEXT_BYTES];
};

struct conversation {
	uint32_t channel;  /* object */
	uint16_t nrequests;
	uint16_t npending;
	uint8_t owed;      /* a read has ended before what there was to read; loops may believe that there was nothing more */
	uint64_t server;   /* the kernel's identity of the server's end; 0: not accepted yet */
	uint64_t origin;   /* unit that the client worked for when it connected */
	uint64_t unit;     /* of the request that the server has read last; 0: none */
	uint64_t sender;   /* of the request that the client hears of next, or heard of last */
	uint64_t sent, taken; /* bytes of the client's, and how many of them the server has read */
	uint64_t begun;    /* where the message under way begins */
	struct conversation_request pending[LIMIT_PIPELINED]; /* the oldest first */
	struct http request, reply;
};

/* Requests that are units, and which of them have been sent. */
struct conversation_book {
	uint32_t nrows;      /* highest index in use */
	uint32_t nheld;
	uint32_t nasked;     /* units that were let through and are not answered */
	uint32_t nowed;      /* conversations that are owed something, see there */
	uint32_t nunits;
	uint64_t nrequests;
	uint64_t waits_until_ns; /* virtual time up to which a held one waits for an answer, or for one before it */
	uint64_t sent;           /* places in the plan's order whose requests have been sent */
};

/* The conversation on this channel; NULL: none. */
struct conversation *conversation_find(struct world *world, uint32_t channel);

/* Is there any? */
bool conversation_any(const struct world *world);

/* A new one; NULL: there are too many. */
struct conversation *conversation_new(struct world *world, uint32_t channel);

/* The identity of a unit that this sender (task.sender) sends; the same ask again gives another. 0: too many. */
uint64_t conversation_identify(struct world *world, uint64_t sender, const char *name);

/* A row for a request that begins; NULL: there is no room, and the last one stands for it. */
struct conversation_request *conversation_begin(struct conversation *conversation);

/* The request that was just sent is held, or let through. */
void conversation_ask(struct world *world, const struct plan *plan, struct conversation_request *request);

/* The bytes up to here are those of the last request; it has ended. */
void conversation_end_request(struct conversation *conversation);

/* The oldest request was answered. False: there is none, or it stands for others that are not. */
bool conversation_answer(struct world *world, struct conversation *conversation);

/* None of the requests will be answered. */
void conversation_drop(struct world *world, struct conversation *conversation);

/* The request that the next byte belongs to which the server reads; NULL: none that is known, or unanswered. */
const struct conversation_request *conversation_next(const struct conversation *conversation);

/* How many bytes the server may read at a time. */
uint64_t conversation_room(const struct conversation *conversation);

/* The server has read so many. */
void conversation_take(struct world *world, struct conversation *conversation, uint64_t nbytes);

/* Has it read all that there was room for, with more behind it? Says so once. */
bool conversation_collect(struct world *world, struct conversation *conversation);

/*
 * Nobody can go. Lets the next request through, and says true. False: none is held, or time has to pass first:
 * `deadline_ns` is the next moment at which something happens by itself (UINT64_MAX: never), `sleeps`: somebody who
 * sleeps wakes then.
 */
bool conversation_release(struct world *world, const struct plan *plan, uint64_t deadline_ns, bool sleeps);

#endif
