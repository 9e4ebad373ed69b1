/*
 * A growing set of 64-bit hashes: distinct traces, fingerprints.
 */
#ifndef RACE_EXPLORER_HASH_SET_H
#define RACE_EXPLORER_HASH_SET_H

#include <stdbool.h>
#include <stdint.h>

struct hash_set {
	uint64_t *entries; /* open addressing; 0 is a free place */
	uint64_t n, capacity;
};

/* Adds a value; true when it is new. When memory is short the set stays as it is and the value counts as known. */
bool hash_set_add(struct hash_set *set, uint64_t value);
void hash_set_fini(struct hash_set *set);

#endif
