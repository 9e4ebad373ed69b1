#include "model.h"

static bool barrier_enabled(const struct world *world, const struct task *task)
{
	(void)world;
	return task->pending.op != OP_BARRIER_PASS || (task->flags & TASK_WOKEN);
}

static void wake_all(struct world *world, uint32_t barrier)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		if (world_waits(task, barrier, OP_BARRIER_PASS))
			world_wake(task, barrier, OP_BARRIER_PASS);
	}
}

static int64_t arrive(struct world *world, uint32_t barrier)
{
	struct object *object = &world->objects[barrier];
	if (++object->count < object->limit)
		return MODEL_BARRIER_WAITS;
	object->count = 0;
	object->version++;
	wake_all(world, barrier);
	return MODEL_BARRIER_SERIAL;
}

static int64_t destroy(struct world *world, struct object *object)
{
	if (object->count > 0)
		world->misuse = MISUSE_DESTROY_WAITED;
	object->flags |= OBJECT_DESTROYED;
	return 0;
}

static int64_t barrier_apply(struct world *world, struct task *task)
{
	switch (task->pending.op) {
	case OP_BARRIER_WAIT: return arrive(world, task->pending.object);
	case OP_BARRIER_DESTROY: return destroy(world, &world->objects[task->pending.object]);
	default: return 0;
	}
}

const struct model model_barrier = {barrier_enabled, barrier_apply, NULL};
