#include "signatures.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

static uint32_t slot_of(const struct signatures *signatures, uint64_t value)
{
	uint32_t mask = signatures->capacity - 1;
	uint32_t slot = (uint32_t)(value * 0x9e3779b97f4a7c15ULL >> 32) & mask;
	while (signatures->values[slot] && signatures->values[slot] != value)
		slot = (slot + 1) & mask;
	return slot;
}

static int enlarge(struct signatures *signatures)
{
	struct signatures old = *signatures;
	signatures->capacity = old.capacity ? old.capacity * 2 : FIRST_CAPACITY;
	signatures->values = calloc(signatures->capacity, sizeof(*signatures->values));
	signatures->counts = calloc(signatures->capacity, sizeof(*signatures->counts));
	if (!signatures->values || !signatures->counts) {
		signatures_fini(signatures);
		*signatures = old;
		return -1;
	}
	for (uint32_t i = 0; i < old.capacity; i++) {
		if (!old.values[i])
			continue;
		uint32_t slot = slot_of(signatures, old.values[i]);
		signatures->values[slot] = old.values[i];
		signatures->counts[slot] = old.counts[i];
	}
	free(old.values);
	free(old.counts);
	return 0;
}

int64_t signatures_add(struct signatures *signatures, uint64_t value)
{
	value = value ? value : 1;
	if (signatures->n * 2 >= signatures->capacity && enlarge(signatures))
		return -1;
	uint32_t slot = slot_of(signatures, value);
	if (!signatures->values[slot]) {
		signatures->values[slot] = value;
		signatures->n++;
	}
	return signatures->counts[slot]++;
}

void signatures_fini(struct signatures *signatures)
{
	free(signatures->values);
	free(signatures->counts);
	memset(signatures, 0, sizeof(*signatures));
}
