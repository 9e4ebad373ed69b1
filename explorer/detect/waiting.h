/*
 * Who waits for whom at the end of an execution: the blocked tasks, what each waits for in words, and which tasks it
 * waits for. For the deadlock detector.
 */
#ifndef RACE_EXPLORER_WAITING_H
#define RACE_EXPLORER_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "../holding.h"
#include "../trace_read.h"

/* What a blocked task waits for. */
struct wait {
	uint16_t task;
	uint32_t announce; /* its pending announcement */
	uint32_t object;   /* the object it is really stuck on: of a woken condition wait, the mutex */
	bool is_lock;      /* holders of `object` are who it waits for */
	uint32_t ntargets; /* tasks it waits for: holders, joined task, children */
	uint16_t *targets;
};

struct waits {
	struct holdings holdings;
	struct wait *items; /* [trace->ntasks + 1], by task; .task is 0 when it is not blocked */
	uint16_t *targets;  /* of all of them */
	uint32_t ntargets, capacity;
};

/* Fills in *waits; waits_fini in any case. -1: memory is short. */
int waits_find(struct waits *waits, const struct trace *trace);
void waits_fini(struct waits *waits);

/*
 * A cycle of tasks each of which waits for the next, the last for the first, beginning with its lowest. Writes at
 * most trace->ntasks task ids and returns how many; 0: there is none.
 */
uint32_t waits_cycle(const struct waits *waits, const struct trace *trace, uint16_t *out);

/* "waits for mutex#1 held by t2" into the buffer; returns it. */
const char *waits_text(const struct waits *waits, const struct trace *trace, uint16_t task, char *buffer,
	size_t nbytes);

#endif
