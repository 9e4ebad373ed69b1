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

/* Children and signals are enabled by their models, not by what was done to them. */
static bool has_state(const struct request *request)
{
	return op_info(request->op)->object_kind == OBJECT_CHANNEL || request->op == OP_FILE_LOCK ||
		request->op == OP_DB_STATEMENT;
}

void retry_block(const struct world *world, struct request *request)
{
	uint64_t low = request->argument & ((1ULL << STATE_SHIFT) - 1);
	if (has_state(request))
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

static bool has_strangers(const struct world *world)
{
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if ((world->tasks[id].flags & TASK_STRANGER) && world->tasks[id].state != TASK_ENDED)
			return true;
	return false;
}

/* Of children, and the signals they cause, the kernel knows more only where they are not controlled. */
static bool is_blocked(const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	return task->state == TASK_READY && (op_info(request->op)->flags & ACT_RETRY) &&
		(request->flags & REQUEST_ASKED) && (has_state(request) || has_strangers(world));
}

bool retry_is_due(const struct world *world, const struct task *task)
{
	return is_blocked(world, task) && task->pending.asked != (uint32_t)world->progress;
}

bool retry_may_sleep(const struct world *world, const struct task *task)
{
	return is_blocked(world, task) && ((task->pending.flags & REQUEST_OUTSIDE) || has_strangers(world));
}
