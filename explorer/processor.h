/*
 * How much processor time an execution has used, all of its processes together.
 */
#ifndef RACE_EXPLORER_PROCESSOR_H
#define RACE_EXPLORER_PROCESSOR_H

#include <stdint.h>

#include "shared/control.h"

struct processor {
	uint64_t total_ns;
	uint64_t looked_ns;                  /* when it was looked at last */
	uint64_t seen_ns[LIMIT_PROCESSES];   /* of each process, then */
};

/* A new execution. */
void processor_begin(struct processor *processor, uint64_t now_ns);

/* What has been used so far; asks the kernel at most ten times a second. */
uint64_t processor_used(struct processor *processor, const struct control *control, uint64_t now_ns);

/* A processor for tasks to be pinned to, ~0: none. Any will do, but not all campaigns of a machine on the same one. */
uint32_t processor_pick(void);

#endif
