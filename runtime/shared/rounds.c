#include "rounds.h"

#include "op.h"

enum {
	YIELDS = 1, /* bits of an entry beside the hash */
	LOOKS = 2,
	MOST_PERIOD = 512,
	STRIDE = 1024,
};

static uint32_t signature(const struct task *task)
{
	const struct request *request = &task->pending;
	uint64_t value = (uint64_t)task->id << 48 ^ (uint64_t)request->op << 32 ^ request->object;

	value = (value ^ request->site * 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL;
	return (uint32_t)(value >> 32) & ~(uint32_t)(YIELDS | LOOKS);
}

void rounds_note(struct world *world, const struct task *task)
{
	uint32_t entry = signature(task);

	if (op_info(task->pending.op)->flags & ACT_YIELD)
		entry |= YIELDS;
	if (world->looked)
		entry |= LOOKS;
	world->looked = 0;
	world->rounds[world->nsteps % ROUNDS_WINDOW] = entry;
}

/* The entry of so many steps ago; the last one is 1. */
static uint32_t ago(const struct world *world, uint32_t nsteps)
{
	return world->rounds[(world->nsteps - nsteps) % ROUNDS_WINDOW];
}

static bool has_period(const struct world *world, uint32_t period)
{
	for (uint32_t i = 1; i + period <= ROUNDS_WINDOW; i++)
		if (ago(world, i) != ago(world, i + period))
			return false;
	return true;
}

bool rounds_repeat(const struct world *world)
{
	uint32_t seen = 0, period = 1;

	if (world->nsteps < ROUNDS_WINDOW || world->nsteps % STRIDE != 0)
		return false;
	while (period <= MOST_PERIOD && !has_period(world, period))
		period++;
	for (uint32_t i = 1; period <= MOST_PERIOD && i <= period; i++)
		seen |= ago(world, i) & (YIELDS | LOOKS);
	return seen == YIELDS;
}
