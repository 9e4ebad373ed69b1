/*
 * A set of 64-bit signatures that counts how often each was added.
 */
#ifndef RACE_EXPLORER_SIGNATURES_H
#define RACE_EXPLORER_SIGNATURES_H

#include <stdint.h>

struct signatures {
	uint64_t *values; /* 0: free */
	uint32_t *counts;
	uint32_t n, capacity;
};

/* Adds one to a zeroed or used set; returns how often it had been added before, -1 when memory is short. */
int64_t signatures_add(struct signatures *signatures, uint64_t value);

/* Frees what the set holds and empties it. */
void signatures_fini(struct signatures *signatures);

#endif
