/*
 * Who works for which HTTP request when, from a trace: requests as units take stretches of many tasks, and a task works
 * for many of them in turn.
 */
#ifndef RACE_EXPLORER_WORK_H
#define RACE_EXPLORER_WORK_H

#include "trace_read.h"

struct work {
	const struct trace *trace;
	uint32_t *first;   /* [ntasks + 2]: a task's first entry in `entries`; the next task's is behind its last */
	uint32_t *entries; /* indices of trace->works, by task, in order of time */
};

/* -1 when memory is short. */
int work_init(struct work *work, const struct trace *trace);

/* Index + 1 of the request that a task works for at a step, 0: none. */
uint32_t work_of(const struct work *work, uint32_t task, uint32_t step);

void work_fini(struct work *work);

#endif
