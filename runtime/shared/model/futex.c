#include "model.h"

/*
 * The caller compares the value under the turn before it announces FUTEX_WAIT; a task whose FUTEX_WAIT is pending is
 * therefore asleep in the queue.
 */
static bool futex_enabled(const struct world *world, const struct task *task)
{
	(void)world;
	return task->pending.op != OP_FUTEX_WAIT || (task->flags & TASK_WOKEN);
}

static bool matches(const struct task *waiter, uint32_t bits)
{
	uint32_t wanted = (uint32_t)waiter->pending.argument;
	return bits == 0 || wanted == 0 || (bits & wanted) != 0;
}

/* Wakes the nth waiter if its bits fit. */
static uint32_t wake(struct world *world, uint32_t futex, uint32_t nth, uint32_t bits)
{
	uint32_t id = world_waiter(world, futex, OP_FUTEX_WAIT, nth);
	if (id == 0 || !matches(&world->tasks[id], bits))
		return 0;
	world->tasks[id].flags |= TASK_WOKEN;
	return 1;
}

static int64_t wake_some(struct world *world, const struct request *request)
{
	uint32_t wanted = (uint32_t)request->argument;
	uint32_t bits = (uint32_t)(request->argument >> 32);
	if (wanted == 0)
		return 0;
	uint32_t nwoken = wake(world, request->object, request->pick, bits);
	uint32_t nth = 0;
	while (nwoken < wanted && world_waiter(world, request->object, OP_FUTEX_WAIT, nth) != 0) {
		uint32_t woken = wake(world, request->object, nth, bits);
		nwoken += woken;
		nth += 1 - woken; /* one that slept on moves nobody up */
	}
	return nwoken;
}

/* Those that sleep on now sleep on another futex; they keep their place in the order of waiting. */
static int64_t requeue(struct world *world, const struct request *request)
{
	uint32_t wanted = (uint32_t)(request->argument >> 32), nmoved = 0;
	struct request wakes = {
		.object = request->object, .argument = (uint32_t)request->argument, .pick = request->pick};
	int64_t nwoken = wake_some(world, &wakes);
	while (nmoved < wanted && request->second != request->object) {
		uint32_t id = world_waiter(world, request->object, OP_FUTEX_WAIT, 0);
		if (id == 0)
			break;
		world->tasks[id].pending.object = request->second;
		nmoved++;
	}
	return nwoken + nmoved;
}

static int64_t futex_apply(struct world *world, struct task *task)
{
	switch (task->pending.op) {
	case OP_FUTEX_WAKE: return wake_some(world, &task->pending);
	case OP_FUTEX_REQUEUE: return requeue(world, &task->pending);
	default: return 0;
	}
}

const struct model model_futex = {futex_enabled, futex_apply, NULL};
