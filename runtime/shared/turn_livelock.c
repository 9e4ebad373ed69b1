#include "rounds.h"
#include "turn.h"

enum { LIVELOCK_ROUNDS = 1000 };

static bool yields_are_many(const struct world *world)
{
	uint64_t nlive = 0;
	if (world->nyields <= LIVELOCK_ROUNDS)
		return false;
	for (uint32_t id = 1; id <= world->ntasks; id++)
		nlive += world->tasks[id].state != TASK_FREE && world->tasks[id].state != TASK_ENDED;
	return world->nyields > LIVELOCK_ROUNDS * nlive;
}

/* Virtual time runs ahead of the kernel's, where somebody sleeps, or slept, whom others look for in vain meanwhile. */
static bool somebody_lapsed(const struct world *world)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		uint8_t state = __atomic_load_n(&world->tasks[id].state, __ATOMIC_ACQUIRE);
		if (state == TASK_LAPSED || state == TASK_RETURNED)
			return true;
	}
	return world->seen & SEEN_FOREIGN;
}

bool turn_is_livelock(const struct world *world)
{
	return (rounds_repeat(world) || yields_are_many(world)) && !somebody_lapsed(world);
}
