/*
 * Memory that is given back all at once: documents, timelines and command lines are made of many small texts with
 * one owner.
 *
 * When memory runs out the process says so and ends with EXIT_INTERNAL: the tools have nothing better to do then, and
 * what they started dies with them. So no function here returns NULL, except pool_copy for NULL.
 */
#ifndef RACE_TOOLS_POOL_H
#define RACE_TOOLS_POOL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

struct pool *pool_open(void);

/* Zeroed, aligned for any type. */
void *pool_take(struct pool *pool, size_t nbytes);

/* Copies of a text; NULL gives NULL. The second takes at most nbytes of it. */
char *pool_copy(struct pool *pool, const char *text);
char *pool_copy_part(struct pool *pool, const char *text, size_t nbytes);

char *pool_print(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *pool_vprint(struct pool *pool, const char *format, va_list arguments);

/*
 * Room for one more item of item_bytes in an array of `count` items that was grown by this function only (or is NULL
 * with count 0): returns the array, moved when it was full. Capacities are powers of two and not stored.
 */
void *pool_grow(struct pool *pool, void *array, uint32_t count, size_t item_bytes);

void pool_close(struct pool *pool);

#endif
