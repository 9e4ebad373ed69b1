/*
 * Who holds which lock, by replaying a trace: steps and guarded operations in order, by their results (a trylock
 * that failed holds nothing). Locks are mutexes, reader-writer locks, spin locks, once routines being run, file locks,
 * transactions on databases, and semaphores as long as only those post them who took them.
 */
#ifndef RACE_EXPLORER_HOLDING_H
#define RACE_EXPLORER_HOLDING_H

#include "trace_read.h"

enum { HOLDING_GUARDED = 0xffffffff };

struct holding {
	uint32_t object;
	uint32_t count;    /* of recursive locks and semaphores */
	uint32_t step;     /* during which it was acquired */
	uint32_t announce; /* HOLDING_GUARDED: inside a library call, `site` says where */
	uint64_t site;
	uint16_t task;
	bool shared;       /* others may hold it too */
};

struct holdings {
	const struct trace *trace;
	struct holding *items;
	uint32_t n, capacity;
	bool *signals;     /* by object: semaphores that pass messages, not locks */
	/* Called when a lock is about to be entered, before it is; may be NULL. */
	void (*acquired)(void *state, const struct holdings *holdings, const struct holding *taken);
	/* Called before each step is performed; may be NULL. */
	void (*stepped)(void *state, const struct holdings *holdings, uint32_t step);
	void *state;
};

/*
 * Replays the whole trace; `holdings` comes zeroed but for callbacks and state. Afterwards items are what is held at
 * the end. -1: memory is short. Either way holdings_fini frees what there is.
 */
int holdings_replay(struct holdings *holdings, const struct trace *trace);
void holdings_fini(struct holdings *holdings);

/* The next holding of the object after `previous` (NULL: the first), or NULL. */
const struct holding *holdings_next(const struct holdings *holdings, uint32_t object, const struct holding *previous);

#endif
