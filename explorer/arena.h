/*
 * An arena: memory that is taken piece by piece and given back as a whole.
 *
 * Traces, images and references live in one each. Pieces are zeroed and aligned for any type; they stay where they
 * are until the arena is closed. An arena belongs to the object that opened it.
 */
#ifndef RACE_EXPLORER_ARENA_H
#define RACE_EXPLORER_ARENA_H

#include <stddef.h>

struct arena;

/* NULL when memory is short. */
struct arena *arena_open(void);

/* `nbytes` zeroed bytes; NULL when memory is short. Zero bytes give a valid pointer. */
void *arena_take(struct arena *arena, size_t nbytes);

/* Space for `n` items of `nbytes` each; NULL also when the product overflows. */
void *arena_array(struct arena *arena, size_t n, size_t nbytes);

/* A copy of `nbytes` bytes with a NUL put behind them; NULL when memory is short. */
char *arena_text(struct arena *arena, const void *bytes, size_t nbytes);

/* NULL does nothing. */
void arena_close(struct arena *arena);

#endif
