#include "ring_barriers.h"

struct arrival {
	uint64_t barrier;
	uint16_t process;
	uint32_t at;       /* index of the moment at which it came */
	bool waits, last;  /* nobody has passed since, as far as is known; it was the last to come */
};

/* The first passes: all who have come by now, and only they, do so together. */
static void open_barrier(struct arrival *arrivals, const struct arrival *first)
{
	struct arrival *last = NULL;
	struct arrival key = *first;

	for (uint32_t task = 1; task < LIMIT_TASKS; task++) {
		struct arrival *arrival = &arrivals[task];
		if (!arrival->waits || arrival->barrier != key.barrier || arrival->process != key.process)
			continue;
		arrival->waits = false;
		last = last && last->at > arrival->at ? last : arrival;
	}
	if (last)
		last->last = true;
}

void ring_barriers_settle(struct ring_merge *merge)
{
	struct arrival arrivals[LIMIT_TASKS] = {0};

	for (uint32_t i = 0; i < merge->n; i++) {
		struct ring_moment *moment = &merge->moments[i];
		struct arrival *arrival = &arrivals[moment->task];
		if (moment->event.op != OP_BARRIER_WAIT)
			continue;
		if (moment->event.kind == RING_OPERATION) {
			*arrival = (struct arrival){.barrier = moment->event.object, .at = i, .waits = true,
				.process = merge->rings->rings[moment->task].process};
			continue;
		}
		if (arrival->waits)
			open_barrier(arrivals, arrival);
		if (arrival->last)
			moment->event.op = OP_NONE;
	}
}
