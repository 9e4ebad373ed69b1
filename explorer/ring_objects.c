#include "ring_objects.h"

#include <stdlib.h>

static uint64_t hash_of(const struct ring_object *key)
{
	uint64_t hash = key->address * 0x9e3779b97f4a7c15ULL ^ key->mark * 0xc2b2ae3d27d4eb4fULL;

	hash ^= (uint64_t)key->kind << 32 | key->process;
	return hash ^ hash >> 29;
}

static bool is_same(const struct ring_object *left, const struct ring_object *right)
{
	return left->address == right->address && left->mark == right->mark && left->kind == right->kind &&
		left->process == right->process;
}

/* The bucket that has the object, or the free one where it belongs. */
static uint32_t *bucket_of(const struct ring_objects *objects, const struct ring_object *key)
{
	uint32_t at = (uint32_t)hash_of(key) & (objects->nbuckets - 1);

	while (objects->table[at] && !is_same(&objects->items[objects->table[at] - 1], key))
		at = (at + 1) & (objects->nbuckets - 1);
	return &objects->table[at];
}

static int grow(struct ring_objects *objects)
{
	uint32_t capacity = objects->capacity ? objects->capacity * 2 : 256;
	struct ring_object *items = realloc(objects->items, capacity * sizeof *items);

	if (!items)
		return -1;
	objects->items = items;
	objects->capacity = capacity;
	free(objects->table);
	objects->nbuckets = capacity * 2;
	objects->table = calloc(objects->nbuckets, sizeof *objects->table);
	if (!objects->table)
		return -1;
	for (uint32_t i = 0; i < objects->n; i++)
		*bucket_of(objects, &items[i]) = i + 1;
	return 0;
}

struct ring_object *ring_objects_find(struct ring_objects *objects, const struct ring_object *key, bool *fresh)
{
	if (objects->n == objects->capacity && grow(objects))
		return NULL;
	uint32_t *bucket = bucket_of(objects, key);

	*fresh = *bucket == 0;
	if (*fresh) {
		objects->items[objects->n] = *key;
		objects->items[objects->n].id = 0;
		*bucket = ++objects->n;
	}
	return &objects->items[*bucket - 1];
}

void ring_objects_fini(struct ring_objects *objects)
{
	free(objects->items);
	free(objects->table);
}
