/*
 * Who waits for which condition as an observed run goes on, and whom each signal woke: of those who waited then, and
 * whom no other signal has woken, the one who first went on.
 */
#ifndef RACE_EXPLORER_RING_WAITS_H
#define RACE_EXPLORER_RING_WAITS_H

#include <stdbool.h>
#include <stdint.h>

#include "ring_merge.h"

struct ring_wait {
	uint32_t object; /* 0: it does not wait, or has been woken */
	uint32_t since;  /* in the order of waiting */
	uint32_t end;    /* index of the moment at which it goes on, ~0: never */
};

struct ring_waits {
	struct ring_wait tasks[LIMIT_TASKS]; /* by ring */
	uint32_t nbegun;
};

/* `end` is an index into the moments of the merge, ~0: it never went on. */
void ring_waits_begin(struct ring_waits *waits, uint16_t task, uint32_t object, uint32_t end);
void ring_waits_end(struct ring_waits *waits, uint16_t task);

/* All are woken. One is: true when there was a choice among *n, of which the one at *taken in waiting order it was. */
void ring_waits_broadcast(struct ring_waits *waits, uint32_t object);
bool ring_waits_signal(struct ring_waits *waits, const struct ring_merge *merge, uint32_t object, uint32_t *n,
	uint32_t *taken);

#endif
