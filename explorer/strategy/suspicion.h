/*
 * Suspicions: interleavings that look as if they could break something, read off one trace. Each is a plan: repeat
 * the trace's first choices, then let certain tasks run up to certain operations, then go on without preemption.
 *
 * What is looked for, most suspicious first (Lu, Tucek, Qin and Zhou, "AVIO", ASPLOS 2006, for the patterns):
 * faults, where they are asked for; a task reads a table and then writes it, another could use it in between (who only
 * read it this time may have found it written already, and would write it otherwise; who served another request
 * meanwhile stands for any colleague that waited for it, too); the same where it writes another table; what it has
 * written is not committed yet when another uses the table; locks taken in a cycle of orders; a new task runs before its
 * creator goes on; a task that only reads, or only writes, twice; a lock given back and then it or another taken; two
 * operations of different tasks the other way round.
 */
#ifndef RACE_EXPLORER_SUSPICION_H
#define RACE_EXPLORER_SUSPICION_H

#include "../trace_read.h"

enum suspicion_rank {
	SUSPICION_FAULT,          /* one that the campaign was asked to try (--faults) did not come */
	SUSPICION_CHECK_THEN_ACT, /* read, foreign use, write of one table */
	SUSPICION_SKEW,           /* the same, where the task writes another table */
	SUSPICION_UNCOMMITTED,    /* write, foreign use, commit: who looks meanwhile does not see what was written */
	SUSPICION_LOCK_ORDER,
	SUSPICION_EARLY_CHILD,
	SUSPICION_SPLIT,          /* two reads, or two writes, of a table with a foreign access in between */
	SUSPICION_RELOCK,         /* two critical sections, a foreign one in between */
	SUSPICION_ORDER,
	SUSPICION_RANKS
};

enum { SUSPICION_RUNS = 8, SUSPICION_STEPS = 200000 };

struct suspicion {
	enum suspicion_rank rank;
	uint64_t signature; /* the same for the same operations at the same places, in whatever round of a loop */
	uint32_t nchoices;  /* of the trace to repeat */
	uint32_t nruns;
	struct directive runs[SUSPICION_RUNS];
};

/*
 * Calls `found` for each, in no useful order beside that of discovery within a rank. Only the first SUSPICION_STEPS
 * steps are looked at. -1: memory is short, or `found` returned non-zero.
 */
int suspicion_find(const struct trace *trace, int (*found)(void *state, const struct suspicion *suspicion),
	void *state);

#endif
