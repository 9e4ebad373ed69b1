#include "retry.h"

enum { STATE_SHIFT = 8 };

static uint64_t version_of(const struct world *world, uint32_t object)
{
	return object != 0 ? world->objects[object].version : 0;
}

/* A number that only grows; the same as long as nothing was done to what the request is about. */
static uint64_t state_of(const struct world *world, const struct request *request)
{
	if (op_info(request->op)->object_kind != OBJECT_CHANNEL)
		return version_of(world, request->object);
	if (request->op == OP_POLL && request->object == 0)
		return world->channel_changes + world->channel_breaks;
	return version_of(world, request->object) + version_of(world, request->second) + world->channel_breaks;
}

void retry_block(const struct world *world, struct request *request)
{
	uint64_t low = request->argument & ((1ULL << STATE_SHIFT) - 1);
	request->argument = state_of(world, request) << STATE_SHIFT | low;
	request->asked = (uint32_t)world->progress;
	request->flags |= REQUEST_ASKED;
}

bool retry_is_enabled(const struct world *world, const struct request *request)
{
	return !(request->flags & REQUEST_ASKED) || state_of(world, request) != request->argument >> STATE_SHIFT;
}

void retry_all(struct world *world)
{
	world->channel_breaks++;
	world->progress++;
}

static bool is_retry(const struct task *task)
{
	return task->state == TASK_READY && (op_info(task->pending.op)->flags & ACT_RETRY) &&
		(task->pending.flags & REQUEST_ASKED);
}

bool retry_is_due(const struct world *world, const struct task *task)
{
	return is_retry(task) && task->pending.asked != (uint32_t)world->progress;
}

bool retry_may_sleep(const struct task *task, bool strangers)
{
	return is_retry(task) && (strangers || (task->pending.flags & REQUEST_OUTSIDE));
}
