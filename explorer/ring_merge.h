/*
 * The events of all rings of an observed run in one order, and what can be trusted of them.
 *
 * The block comes from the target and may be damaged: every index and count is checked here. Where a ring has been
 * filled more than once its older events are lost, and with them what ordered others; so nothing that is older than the
 * oldest event of any such ring is looked at.
 */
#ifndef RACE_EXPLORER_RING_MERGE_H
#define RACE_EXPLORER_RING_MERGE_H

#include <stdbool.h>

#include "shared/ring.h"

struct ring_moment {
	struct ring_event event;
	uint16_t task;     /* index of the ring */
	uint32_t next;     /* index of the same task's next operation, ~0: none */
};

struct ring_merge {
	const struct rings *rings;
	uint32_t ntasks;
	struct ring_moment *moments;
	uint32_t n;
	uint64_t since;    /* the stamp before which nothing is known; 0: all is */
};

/* Borrows the block's tables. -1: memory is short. */
int ring_merge_init(struct ring_merge *merge, const void *block);
void ring_merge_fini(struct ring_merge *merge);

/*
 * Is it an operation that a task made, or began and got through with later? That it has returned, after which its
 * destructors may still do something, and that it closes a database are none.
 */
bool ring_merge_is_operation(const struct ring_event *event);

#endif
