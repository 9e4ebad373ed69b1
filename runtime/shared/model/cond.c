#include <errno.h>

#include "model.h"
#include "mutex.h"

static bool cond_enabled(const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	switch (request->op) {
	case OP_COND_WAKE:
		return ((task->flags & (TASK_WOKEN | TASK_EXPIRED)) || model_interrupted(task)) &&
			mutex_is_free(world, task, request->second);
	case OP_COND_DESTROY:
		/* glibc's waits for those who have not been woken yet. */
		return world_waiters(world, request->object, OP_COND_WAKE) == 0;
	default: return true;
	}
}

static int64_t begin_wait(struct world *world, struct task *task)
{
	struct request *request = &task->pending;
	const struct object *mutex = &world->objects[request->second];
	bool owner = mutex->owner == task->id;
	int64_t error = mutex_give(world, task, request->second);
	if (!owner)
		world->misuse = MISUSE_WAIT_WITHOUT_MUTEX;
	if (error == 0)
		world->objects[request->object].count++;
	return error;
}

static void wake(struct world *world, uint32_t cond, uint32_t id)
{
	if (id == 0)
		return;
	world_wake(&world->tasks[id], cond, OP_COND_WAKE);
	world->objects[cond].count--;
}

static int64_t broadcast(struct world *world, uint32_t cond)
{
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (world_waits(&world->tasks[id], cond, OP_COND_WAKE))
			wake(world, cond, id);
	return 0;
}

static int64_t end_wait(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	int64_t error = mutex_take(world, task, request->second);
	if (!(task->flags & TASK_WOKEN))
		world->objects[request->object].count--;
	if (error != 0 || (task->flags & TASK_WOKEN))
		return error;
	return task->flags & TASK_EXPIRED ? ETIMEDOUT : EINTR;
}

static int64_t cond_apply(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	switch (request->op) {
	case OP_COND_WAIT:
	case OP_COND_TIMEDWAIT: return begin_wait(world, task);
	case OP_COND_WAKE: return end_wait(world, task);
	case OP_COND_SIGNAL:
		wake(world, request->object, world_waiter(world, request->object, OP_COND_WAKE, request->pick));
		return 0;
	case OP_COND_BROADCAST: return broadcast(world, request->object);
	case OP_COND_DESTROY: world->objects[request->object].flags |= OBJECT_DESTROYED; return 0;
	default: return 0;
	}
}

const struct model model_cond = {cond_enabled, cond_apply, NULL};
