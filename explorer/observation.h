/*
 * What one execution came to, as the serial-outcome oracle compares it: trace, databases, effects, exit status.
 */
#ifndef RACE_EXPLORER_OBSERVATION_H
#define RACE_EXPLORER_OBSERVATION_H

#include "db/image.h"
#include "trace_read.h"

struct observation {
	const struct trace *trace; /* borrowed */
	uint32_t nimages;
	struct image **images;     /* owned; one per database the program opened */
	uint32_t nmarked;          /* PLAN_MARK: the databases as they were when the last unit began */
	struct image **marked;
};

/* Room for so many more images, and as many that are marked. -1: memory is short. */
int observation_reserve(struct observation *observation, uint32_t more);

void observation_close(struct observation *observation); /* frees images, not the struct */

#endif
