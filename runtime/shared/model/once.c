#include "model.h"

enum { ONCE_FRESH, ONCE_RUNNING, ONCE_DONE };

/* A task that comes back while it runs the routine itself waits for ever, as in the C library. */
static bool once_enabled(const struct world *world, const struct task *task)
{
	return task->pending.op != OP_ONCE_BEGIN || world->objects[task->pending.object].count != ONCE_RUNNING;
}

static int64_t begin(struct object *object, const struct task *task)
{
	if (object->count == ONCE_DONE)
		return MODEL_ONCE_DONE;
	if (task->pending.argument == 0) {
		object->count = ONCE_DONE;
		return MODEL_ONCE_DONE;
	}
	object->count = ONCE_RUNNING;
	object->owner = task->id;
	return MODEL_ONCE_RUN;
}

static int64_t once_apply(struct world *world, struct task *task)
{
	struct object *object = &world->objects[task->pending.object];
	if (task->pending.op == OP_ONCE_BEGIN)
		return begin(object, task);
	object->count = task->pending.op == OP_ONCE_END ? ONCE_DONE : ONCE_FRESH;
	object->owner = 0;
	return 0;
}

const struct model model_once = {once_enabled, once_apply, NULL};
