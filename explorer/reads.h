/*
 * What units that only read have seen. It never shows in a database, so it is compared only with --reads.
 */
#ifndef RACE_EXPLORER_READS_H
#define RACE_EXPLORER_READS_H

#include "unit.h"

/* A unit and a hash over its statements and the rows they returned, in order. */
struct reads {
	uint64_t unit; /* identity */
	uint64_t hash; /* 0: it writes, has effects, or reads nothing */
};

/* Units whose reads differ between two equal serial runs: they read the clock, or chance. */
struct reads_unsteady {
	uint32_t n;
	uint64_t *units;
};

struct reads reads_of(const struct unit_list *units, uint32_t unit);

/* Compares two serial runs of one order. -1 when memory is short. */
int reads_learn(struct reads_unsteady *unsteady, const struct reads *left, uint32_t nleft, const struct reads *right,
	uint32_t nright);

/* The index of the first unit that read something else than in the reference; -1: none. */
int64_t reads_compare(const struct unit_list *units, const struct reads *reference, uint32_t nreference,
	const struct reads_unsteady *unsteady);

void reads_unsteady_fini(struct reads_unsteady *unsteady);

#endif
