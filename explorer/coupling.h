/*
 * Coupling: units that wait for each other are no independent pieces of work, and no serial order of them exists.
 *
 * Two units are coupled when one can't be run without steps of the other in between (seen in a serial execution), or
 * when both take from a supply that they don't fill themselves: a condition variable, semaphore, pipe or barrier on
 * which a unit waits in the midst of its work and that it never signals, and another waits, too. Waiting before the first or after the last
 * touch (a starting gate, a barrier at the end) couples nothing. Coupled units are judged as one.
 */
#ifndef RACE_EXPLORER_COUPLING_H
#define RACE_EXPLORER_COUPLING_H

#include "unit.h"

struct coupling_pair {
	uint64_t left, right; /* identities */
	char *left_name, *right_name;
};

struct coupling {
	uint32_t npairs;
	struct coupling_pair *pairs;
};

/* Notes who shares a supply. Returns how many pairs are new, -1 when memory is short. */
int coupling_note_waits(struct coupling *coupling, const struct unit_list *units);

/* Notes units that interleaved although they were to run one after another. Returns as above. */
int coupling_note_serial(struct coupling *coupling, const struct unit_list *units);

/* Did every unit finish its work before the next one began? False also when memory is short. */
bool coupling_is_serial(const struct unit_list *units);

/* Are the two coupled, perhaps through others? A unit is coupled with itself. */
bool coupling_has(const struct coupling *coupling, uint64_t left, uint64_t right);

void coupling_fini(struct coupling *coupling); /* frees the pairs, not the struct */

#endif
