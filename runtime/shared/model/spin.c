#include <errno.h>

#include "model.h"

static bool spin_enabled(const struct world *world, const struct task *task)
{
	return task->pending.op != OP_SPIN_LOCK || world->objects[task->pending.object].owner == 0;
}

static int64_t take(struct object *object, struct task *task)
{
	if (object->owner != 0)
		return EBUSY;
	object->owner = task->id;
	world_hold(task, task->pending.object, false, task->pending.site);
	return 0;
}

static int64_t give(struct world *world, struct object *object, const struct task *task)
{
	if (object->owner != task->id)
		world->misuse = object->owner == 0 ? MISUSE_UNLOCK_UNLOCKED : MISUSE_UNLOCK_NOT_OWNER;
	if (object->owner != 0)
		world_release(&world->tasks[object->owner], task->pending.object);
	object->owner = 0;
	return 0;
}

static int64_t spin_apply(struct world *world, struct task *task)
{
	struct object *object = &world->objects[task->pending.object];
	return task->pending.op == OP_SPIN_UNLOCK ? give(world, object, task) : take(object, task);
}

const struct model model_spin = {spin_enabled, spin_apply, NULL};
