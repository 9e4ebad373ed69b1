#include "chooser.h"

enum { TIME_OUT_RARITY = 16 };

/* Every enabled task is as likely as any other; a time-out is taken now and then. */
static void choose(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision)
{
	(void)plan;
	(void)current;
	if (chooser_time_out(world, TIME_OUT_RARITY, decision))
		return;
	decision->task = world_nth(world, &decision->enabled, chooser_below(world, decision->nenabled));
}

const struct chooser chooser_random_uniform = {.choose = choose, .value = chooser_value};
