#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_BYTES = 64 * 1024 - 64, ARENA_ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used, capacity;
	_Alignas(ARENA_ALIGNMENT) unsigned char bytes[];
};

struct arena {
	struct arena_block *blocks; /* the newest first; only that one has room */
};

struct arena *arena_open(void)
{
	return calloc(1, sizeof(struct arena));
}

static struct arena_block *block_new(size_t nbytes)
{
	size_t capacity = nbytes > ARENA_BLOCK_BYTES ? nbytes : ARENA_BLOCK_BYTES;
	struct arena_block *block = malloc(sizeof *block + capacity);

	if (!block)
		return NULL;
	block->used = 0;
	block->capacity = capacity;
	return block;
}

void *arena_take(struct arena *arena, size_t nbytes)
{
	if (nbytes > SIZE_MAX - 2 * ARENA_BLOCK_BYTES)
		return NULL;
	nbytes = (nbytes + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;

	struct arena_block *block = arena->blocks;
	if (!block || block->capacity - block->used < nbytes) {
		block = block_new(nbytes);
		if (!block)
			return NULL;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	void *piece = block->bytes + block->used;
	block->used += nbytes;
	return memset(piece, 0, nbytes); /* only what is taken: most of a block never is */
}

void *arena_array(struct arena *arena, size_t n, size_t nbytes)
{
	size_t total;

	if (__builtin_mul_overflow(n, nbytes, &total))
		return NULL;
	return arena_take(arena, total);
}

char *arena_text(struct arena *arena, const void *bytes, size_t nbytes)
{
	char *copy = nbytes < SIZE_MAX ? arena_take(arena, nbytes + 1) : NULL;

	if (copy && nbytes)
		memcpy(copy, bytes, nbytes);
	return copy;
}

void arena_close(struct arena *arena)
{
	if (!arena)
		return;
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;
		arena->blocks = block->next;
		free(block);
	}
	free(arena);
}
