/*
 * Positions: how far an execution has got, as far as the control block tells: its world, its trace, the modules it has
 * loaded. Kept aside, it can be what a later execution goes on from. What the process itself is then is not in it.
 */
#ifndef RACE_POSITION_H
#define RACE_POSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/control.h"

enum { POSITION_TASKS = 64, POSITION_OBJECTS = 4096, POSITION_BYTES = 1 << 20 };

/* Large, but only what is used is touched; lies in memory that nobody puts back. Of executions of one process. */
struct position {
	uint32_t nmodules;
	struct module modules[LIMIT_MODULES];
	struct fiber_kind kinds[FIBER_KINDS];
	struct process processes[2];
	char head[WORLD_HEAD_BYTES] __attribute__((aligned(_Alignof(struct world))));
	struct task tasks[POSITION_TASKS + 1];
	uint32_t object_hash[WORLD_BUCKETS];
	struct object objects[POSITION_OBJECTS];
	uint32_t rounds[ROUNDS_WINDOW];
	char trace[POSITION_BYTES];
};

/* Of the current execution. False: there is no room for all of it, or it has several processes or serves requests. */
bool position_save(struct position *position);

/* The world as it was saved. */
static inline const struct world *position_world(const struct position *position)
{
	return (const struct world *)position->head;
}

/* The slot that has been opened goes on from there; its plan's choosers and prefix are the caller's business. */
void position_load(const struct position *position);

#endif
