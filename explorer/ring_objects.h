/*
 * Which object an observed operation was about: by kind, process, address and mark, until it is destroyed.
 */
#ifndef RACE_EXPLORER_RING_OBJECTS_H
#define RACE_EXPLORER_RING_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

struct ring_object {
	uint64_t address, mark;
	uint32_t id;
	uint16_t kind, process;
};

struct ring_objects {
	struct ring_object *items;
	uint32_t n, capacity;
	uint32_t *table;  /* [nbuckets]: index + 1, 0: free */
	uint32_t nbuckets;
};

/* The object's row; *fresh: it is new and its id still 0. NULL: memory is short. */
struct ring_object *ring_objects_find(struct ring_objects *objects, const struct ring_object *key, bool *fresh);
void ring_objects_fini(struct ring_objects *objects);

#endif
