#include <errno.h>

#include "model.h"
#include "../crowd.h"
#include "shared/post.h"

static struct task *target_of(const struct world *world, const struct task *task)
{
	const struct object *object = &world->objects[task->pending.object];
	return (struct task *)&world->tasks[object->owner];
}

static bool is_unjoinable(const struct task *target)
{
	return (target->flags & (TASK_JOINED | TASK_DETACHED)) != 0;
}

/* Joining oneself fails at once; two that join each other wait for ever, as they do in glibc. */
static bool task_enabled(const struct world *world, const struct task *task)
{
	const struct task *target;
	switch (task->pending.op) {
	case OP_JOIN:
		target = target_of(world, task);
		return world->objects[task->pending.object].count == 1 || is_unjoinable(target) || target == task;
	case OP_SIGNAL_WAIT: return (task->signals & task->pending.argument) != 0;
	default: return true;
	}
}

static int64_t join(struct world *world, const struct task *task)
{
	struct task *target = target_of(world, task);
	bool ended = world->objects[task->pending.object].count == 1;
	if (is_unjoinable(target)) {
		world->misuse = MISUSE_JOIN_TWICE;
		return EINVAL;
	}
	if (!ended && task->pending.op == OP_TRYJOIN)
		return EBUSY;
	if (!ended) {
		world->misuse = MISUSE_JOIN_SELF;
		return EDEADLK;
	}
	target->flags |= TASK_JOINED;
	return 0;
}

static int64_t detach(struct task *target)
{
	if (is_unjoinable(target))
		return EINVAL;
	target->flags |= TASK_DETACHED;
	return 0;
}

static int64_t hold_signal(struct world *world, struct task *target, uint64_t number)
{
	if (number < 1 || number > 64)
		return 0;
	post_task(world, target, (int)number);
	post_tell(world, target->process, (int)number);
	return 0;
}

static int64_t take_signal(struct task *task)
{
	uint64_t held = task->signals & task->pending.argument;
	if (held == 0)
		return EINTR;
	uint32_t bit = (uint32_t)__builtin_ctzll(held);
	task->signals &= ~(1ULL << bit);
	return bit + 1;
}

static int64_t cancel(struct world *world, struct task *target)
{
	crowd_leave(world, target);
	target->flags |= TASK_CANCELLED;
	return 0;
}

static int64_t task_apply(struct world *world, struct task *task)
{
	switch (task->pending.op) {
	case OP_EXIT: model_task_died(world, task); return 0;
	case OP_JOIN:
	case OP_TRYJOIN: return join(world, task);
	case OP_DETACH: return detach(target_of(world, task));
	case OP_CANCEL: return cancel(world, target_of(world, task));
	case OP_KILL: return hold_signal(world, target_of(world, task), task->pending.argument);
	case OP_SIGNAL_WAIT: return take_signal(task);
	default: return 0;
	}
}

const struct model model_task = {task_enabled, task_apply, NULL};
