#include "pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/outcome.h"

enum { BLOCK_BYTES = 64 * 1024, ALIGNMENT = 16 };

struct block {
	struct block *next;
	size_t used, capacity;
	_Alignas(ALIGNMENT) char bytes[];
};

struct pool {
	struct block *blocks;
};

static void *need(size_t nbytes)
{
	void *memory = calloc(1, nbytes);

	if (!memory) {
		fputs("race: out of memory\n", stderr);
		exit(EXIT_INTERNAL);
	}
	return memory;
}

struct pool *pool_open(void)
{
	return need(sizeof(struct pool));
}

void *pool_take(struct pool *pool, size_t nbytes)
{
	struct block *block = pool->blocks;
	size_t capacity;
	char *memory;

	nbytes = (nbytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!block || block->capacity - block->used < nbytes) {
		capacity = nbytes > BLOCK_BYTES ? nbytes : BLOCK_BYTES;
		block = need(sizeof(*block) + capacity);
		block->capacity = capacity;
		block->next = pool->blocks;
		pool->blocks = block;
	}
	memory = block->bytes + block->used;
	block->used += nbytes;
	return memory;
}

char *pool_copy_part(struct pool *pool, const char *text, size_t nbytes)
{
	size_t length = strnlen(text, nbytes);
	char *copy = pool_take(pool, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *pool_copy(struct pool *pool, const char *text)
{
	return text ? pool_copy_part(pool, text, strlen(text)) : NULL;
}

char *pool_vprint(struct pool *pool, const char *format, va_list arguments)
{
	va_list again;
	int length;
	char *text;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	if (length < 0)
		length = 0;
	text = pool_take(pool, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

char *pool_print(struct pool *pool, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = pool_vprint(pool, format, arguments);
	va_end(arguments);
	return text;
}

void *pool_grow(struct pool *pool, void *array, uint32_t count, size_t item_bytes)
{
	size_t capacity = count ? 2 * (size_t)count : 4;
	void *grown;

	/* full exactly when the count is 0 or a power of two from 4 on */
	if (count && (count < 4 || (count & (count - 1))))
		return array;
	grown = pool_take(pool, capacity * item_bytes);
	if (count)
		memcpy(grown, array, count * item_bytes);
	return grown;
}

void pool_close(struct pool *pool)
{
	struct block *block, *next;

	if (!pool)
		return;
	for (block = pool->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	free(pool);
}
