#include <errno.h>
#include <limits.h>

#include "model.h"

static bool sem_enabled(const struct world *world, const struct task *task)
{
	if (task->pending.op != OP_SEM_WAIT && task->pending.op != OP_SEM_TIMEDWAIT)
		return true;
	return world->objects[task->pending.object].count > 0;
}

static int64_t take(struct object *object)
{
	if (object->count == 0)
		return EAGAIN;
	object->count--;
	return 0;
}

static int64_t post(struct object *object)
{
	if (object->count >= INT_MAX)
		return EOVERFLOW;
	object->count++;
	return 0;
}

static int64_t sem_apply(struct world *world, struct task *task)
{
	struct object *object = &world->objects[task->pending.object];
	switch (task->pending.op) {
	case OP_SEM_POST: return post(object);
	case OP_SEM_GETVALUE: return object->count;
	case OP_SEM_DESTROY:
		if (world_waiters(world, task->pending.object, OP_SEM_WAIT) > 0)
			world->misuse = MISUSE_DESTROY_WAITED;
		object->flags |= OBJECT_DESTROYED;
		return 0;
	default: return take(object);
	}
}

const struct model model_sem = {sem_enabled, sem_apply, NULL};
