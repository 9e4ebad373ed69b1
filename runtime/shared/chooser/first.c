#include "chooser.h"

/*
 * No preemption: the task that has the turn keeps it as long as it can go on and doesn't yield, then the lowest that
 * has not just yielded itself. Time-outs are left to the clock.
 */
static void choose(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision)
{
	(void)plan;
	decision->task = current;
	if (current != 0 && task_set_has(&decision->enabled, current) && !(world->tasks[current].flags & TASK_YIELDED))
		return;
	for (uint32_t i = 0; i < decision->nenabled; i++) {
		decision->task = world_nth(world, &decision->enabled, i);
		if (!(world->tasks[decision->task].flags & TASK_YIELDED))
			return;
	}
	decision->task = world_nth(world, &decision->enabled, 0);
}

const struct chooser chooser_first = {.choose = choose};
