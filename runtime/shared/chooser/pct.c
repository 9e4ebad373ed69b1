/*
 * Probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with
 * probabilistic guarantees of finding bugs" (ASPLOS 2010). Tasks have random priorities, the highest goes. At depth - 1
 * steps drawn evenly among `length` the task about to go falls below all that never fell. One that yields falls to
 * the bottom, so that it can't starve those it waits for.
 *
 * Priorities: first ones from 2^63 up, changes from 2^62 up (a later one is higher, as in the paper), yields below.
 */
#include "chooser.h"

enum { CHANGES = sizeof(((struct world *)0)->change_at) / sizeof(uint32_t) };

static uint32_t nchanges_of(uint32_t depth)
{
	uint32_t n = depth > 0 ? depth - 1 : 0;
	return n < CHANGES ? n : CHANGES;
}

static void insert(uint32_t *sorted, uint32_t n, uint32_t value)
{
	while (n > 0 && sorted[n - 1] > value) {
		sorted[n] = sorted[n - 1];
		n--;
	}
	sorted[n] = value;
}

static void open(struct world *world, const struct plan *plan)
{
	uint32_t n = nchanges_of(plan->depth);
	for (uint32_t i = 0; i < CHANGES; i++)
		world->change_at[i] = UINT32_MAX;
	for (uint32_t i = 0; i < n; i++)
		insert(world->change_at, i, chooser_below(world, plan->length > 0 ? plan->length : 1));
}

/* Is a change due before the step that comes next? Takes it. */
static bool take_change(struct world *world)
{
	if (world->next_change == CHANGES || world->change_at[world->next_change] > world->nsteps - world->ncalm)
		return false;
	world->next_change++;
	return true;
}

static void fall(struct world *world, uint32_t id)
{
	world->tasks[id].priority = (1ULL << 62) + world->next_change;
}

/* Where somebody could time out, that is as good a surprise as a change of priority. */
static void choose(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision)
{
	(void)plan;
	(void)current;
	decision->task = chooser_highest(world, decision);
	while (take_change(world)) {
		if (chooser_time_out(world, 2, decision))
			return;
		fall(world, decision->task);
		decision->task = chooser_highest(world, decision);
	}
}

static void step(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	while (take_change(world))
		fall(world, task->id);
	if ((op_info(request->op)->flags & ACT_YIELD) && !(request->flags & REQUEST_HOLD))
		task->priority = (1ULL << 62) - 1 - world->nsteps;
}

const struct chooser chooser_pct = {.open = open, .step = step, .choose = choose, .value = chooser_value};
