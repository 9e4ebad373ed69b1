/*
 * Conversations: connections between tasks on which HTTP is spoken, and the requests on them.
 *
 * A request that no other caused is a unit: its identity is made of who sends it and what it asks for, so it is the same
 * whoever serves it. In a serial plan (CHOOSER_SERIAL) it is held: its bytes are sent, but the server is not told that
 * they are there. The next one of the plan's order is let through when nobody can go on and the one before has been
 * answered. A request sent while serving another one belongs to the sender's unit and is never held.
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
	CONVERSATION_IDLE,     /* no request, or it has been answered */
	CONVERSATION_HELD,     /* one was sent, and is held */
	CONVERSATION_ASKED,    /* one was sent, or let through */
};

struct conversation {
	uint32_t channel;  /* object */
	uint8_t state;     /* enum conversation_state */
	uint8_t is_unit;   /* the request under way is a unit of its own */
	uint16_t nrequests;
	uint64_t server;   /* the kernel's identity of the server's end; 0: not accepted yet */
	uint64_t origin;   /* unit that the client worked for when it connected */
	uint64_t unit;     /* of the last request; 0: none */
	uint64_t sender;   /* unit that the client worked for when it sent that */
	uint64_t number;   /* of the request, in the order in which they were sent */
	struct http request, reply;
};

/* Requests that are units, and which of them have been sent. */
struct conversation_book {
	uint32_t nrows;      /* highest index in use */
	uint32_t nheld;
	uint32_t nasked;     /* units that were let through and are not answered */
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

/* The request that was just sent is held, or let through. */
void conversation_ask(struct world *world, const struct plan *plan, struct conversation *conversation);

/* It was answered, or never will be. */
void conversation_answer(struct world *world, struct conversation *conversation);

/*
 * Nobody can go. Lets the next request through, and says true. False: none is held, or time has to pass first:
 * `deadline_ns` is the next moment at which something happens by itself (UINT64_MAX: never), `sleeps`: somebody who
 * sleeps wakes then.
 */
bool conversation_release(struct world *world, const struct plan *plan, uint64_t deadline_ns, bool sleeps);

#endif
