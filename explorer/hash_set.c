#include "hash_set.h"

#include <stdlib.h>

static bool put(uint64_t *entries, uint64_t capacity, uint64_t value)
{
	uint64_t at = value * 0x9e3779b97f4a7c15ULL >> 20;

	for (;; at++) {
		uint64_t *entry = &entries[at & (capacity - 1)];
		if (*entry == value)
			return false;
		if (*entry != 0)
			continue;
		*entry = value;
		return true;
	}
}

static bool grow(struct hash_set *set)
{
	uint64_t capacity = set->capacity ? set->capacity * 2 : 256;
	uint64_t *entries = calloc(capacity, sizeof *entries);

	if (!entries)
		return false;
	for (uint64_t i = 0; i < set->capacity; i++)
		if (set->entries[i])
			put(entries, capacity, set->entries[i]);
	free(set->entries);
	set->entries = entries;
	set->capacity = capacity;
	return true;
}

bool hash_set_add(struct hash_set *set, uint64_t value)
{
	if (value == 0)
		value = 1;
	if (set->n * 2 >= set->capacity && !grow(set))
		return false;
	if (!put(set->entries, set->capacity, value))
		return false;
	set->n++;
	return true;
}

void hash_set_fini(struct hash_set *set)
{
	free(set->entries);
	*set = (struct hash_set){0};
}
