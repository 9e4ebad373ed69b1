#include "chooser.h"

#include "../early.h"

static const struct chooser *const choosers[CHOOSER_COUNT] = {
	[CHOOSER_FIRST] = &chooser_first,
	[CHOOSER_SERIAL] = &chooser_serial,
	[CHOOSER_RANDOM] = &chooser_random_uniform,
	[CHOOSER_PCT] = &chooser_pct,
	[CHOOSER_POS] = &chooser_pos,
};

const struct chooser *chooser_of(uint16_t id)
{
	return choosers[id < CHOOSER_COUNT ? id : CHOOSER_FIRST];
}

uint64_t chooser_random(struct world *world)
{
	uint64_t value = world->random += 0x9e3779b97f4a7c15ULL;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

uint32_t chooser_below(struct world *world, uint32_t limit)
{
	return (uint32_t)((chooser_random(world) >> 32) * limit >> 32);
}

/* Sleeps, too, come early only within the limits. */
static void keep_due(const struct world *world, const struct task_set *timed, struct task_set *due)
{
	for (uint32_t i = 0; i < world_words(world); i++) {
		due->words[i] = timed->words[i];
		for (uint64_t word = timed->words[i]; word != 0; word &= word - 1)
			if (!early_is_due(world, &world->tasks[i * 64 + (uint32_t)__builtin_ctzll(word)]))
				due->words[i] &= ~(word & -word);
	}
}

bool chooser_time_out(struct world *world, uint32_t rarity, struct decision *decision)
{
	struct task_set due;
	if (decision->ntimed == 0)
		return false;
	keep_due(world, &decision->timed, &due);
	uint32_t ndue = world_count(world, &due);
	if (ndue == 0 || chooser_below(world, rarity) != 0)
		return false;
	decision->task = world_nth(world, &due, chooser_below(world, ndue));
	decision->timeout = true;
	return true;
}

uint32_t chooser_highest(struct world *world, const struct decision *decision)
{
	uint32_t highest = 0;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		if (!task_set_has(&decision->enabled, id))
			continue;
		if (task->priority == 0)
			task->priority = chooser_random(world) | 1ULL << 63;
		if (highest == 0 || task->priority > world->tasks[highest].priority)
			highest = id;
	}
	return highest;
}

uint32_t chooser_value(struct world *world, const struct plan *plan, uint16_t kind, uint32_t n, uint32_t normal)
{
	(void)plan;
	bool even = kind == CHOICE_WAKE || kind == CHOICE_EVENT || kind == CHOICE_HOLD || kind == CHOICE_GRANT;
	if (!even && chooser_below(world, 8) != 0)
		return normal;
	return chooser_below(world, n);
}
