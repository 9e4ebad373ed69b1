#include "ring_waits.h"

#include <errno.h>

enum { NEVER = ~0U };

void ring_waits_begin(struct ring_waits *waits, uint16_t task, uint32_t object, uint32_t end)
{
	waits->tasks[task] = (struct ring_wait){.object = object, .since = ++waits->nbegun, .end = end};
}

void ring_waits_end(struct ring_waits *waits, uint16_t task)
{
	waits->tasks[task].object = 0;
}

void ring_waits_broadcast(struct ring_waits *waits, uint32_t object)
{
	for (uint32_t task = 1; task < LIMIT_TASKS; task++)
		if (waits->tasks[task].object == object)
			waits->tasks[task].object = 0;
}

/* Who was never seen again, or whose time was up, comes last. */
static uint64_t goes_on_at(const struct ring_wait *wait, const struct ring_merge *merge)
{
	if (wait->end >= merge->n || merge->moments[wait->end].event.kind != RING_ACQUIRED)
		return NEVER;
	return merge->moments[wait->end].event.result == ETIMEDOUT ? (uint64_t)NEVER + 1 : wait->end;
}

static uint32_t find_woken(const struct ring_waits *waits, const struct ring_merge *merge, uint32_t object)
{
	uint64_t earliest = UINT64_MAX;
	uint32_t found = 0;

	for (uint32_t task = 1; task < LIMIT_TASKS; task++) {
		if (waits->tasks[task].object != object)
			continue;
		uint64_t at = goes_on_at(&waits->tasks[task], merge);
		if (at < earliest) {
			earliest = at;
			found = task;
		}
	}
	return found;
}

bool ring_waits_signal(struct ring_waits *waits, const struct ring_merge *merge, uint32_t object, uint32_t *n,
	uint32_t *taken)
{
	uint32_t woken = object ? find_woken(waits, merge, object) : 0;

	*n = *taken = 0;
	for (uint32_t task = 1; woken && task < LIMIT_TASKS; task++) {
		if (waits->tasks[task].object != object)
			continue;
		*n += 1;
		*taken += waits->tasks[task].since < waits->tasks[woken].since;
	}
	waits->tasks[woken].object = 0;
	return *n > 1;
}
