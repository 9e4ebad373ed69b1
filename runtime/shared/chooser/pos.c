/*
 * Partial order sampling: Yuan, Yang and Gu, "Partial order aware concurrency sampling" (CAV 2018). Every pending
 * operation has a random priority; the highest goes. Then those that raced with it draw again, so that the order of
 * operations that commute doesn't decide about the order of those that do not.
 */
#include "../dependence.h"
#include "chooser.h"

enum { TIME_OUT_RARITY = 32 };

static void choose(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision)
{
	(void)plan;
	(void)current;
	if (!chooser_time_out(world, TIME_OUT_RARITY, decision))
		decision->task = chooser_highest(world, decision);
}

/* Priority 0: drawn when the operation is next looked at. */
static void step(struct world *world, struct task *task)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *other = &world->tasks[id];
		if (other->state == TASK_READY && dependence_requests(&task->pending, &other->pending, NULL))
			other->priority = 0;
	}
	task->priority = 0;
}

const struct chooser chooser_pos = {.step = step, .choose = choose, .value = chooser_value};
