#include <errno.h>

#include "model.h"

static bool is_write(uint16_t op)
{
	return op == OP_RWLOCK_WRLOCK || op == OP_RWLOCK_TRYWRLOCK || op == OP_RWLOCK_TIMEDWRLOCK;
}

static bool is_try(uint16_t op)
{
	return op == OP_RWLOCK_TRYRDLOCK || op == OP_RWLOCK_TRYWRLOCK;
}

/* Only readers keep a writer that has announced itself waiting; recursive readers too wait behind it, as in glibc. */
static bool is_writer_waiting(const struct world *world, uint32_t rwlock)
{
	if (world->objects[rwlock].count == 0)
		return false;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		uint16_t op = task->pending.op;
		if (task->state == TASK_READY && task->pending.object == rwlock && is_write(op) && !is_try(op))
			return true;
	}
	return false;
}

static bool can_take(const struct world *world, const struct task *task)
{
	uint32_t rwlock = task->pending.object;
	const struct object *object = &world->objects[rwlock];
	if (object->owner != 0)
		return false;
	if (is_write(task->pending.op))
		return object->count == 0;
	return !(object->flags & OBJECT_WRITER_FIRST) || !is_writer_waiting(world, rwlock);
}

static bool rwlock_enabled(const struct world *world, const struct task *task)
{
	switch (task->pending.op) {
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_TIMEDRDLOCK:
	case OP_RWLOCK_WRLOCK:
	case OP_RWLOCK_TIMEDWRLOCK:
		return world->objects[task->pending.object].owner == task->id || can_take(world, task);
	default: return true;
	}
}

static int64_t take(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	struct object *object = &world->objects[request->object];
	bool write = is_write(request->op);
	if (object->owner == task->id && !is_try(request->op))
		return EDEADLK;
	if (!can_take(world, task))
		return EBUSY;
	if (write)
		object->owner = task->id;
	else
		object->count++;
	world_hold(task, request->object, !write, request->site);
	return 0;
}

/* A reader whose lock somebody else gives back: glibc only counts, so any will do. */
static struct task *any_reader(struct world *world, uint32_t rwlock)
{
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (world_held(&world->tasks[id], rwlock) != NULL)
			return &world->tasks[id];
	return NULL;
}

static void give_back_foreign(struct world *world, uint32_t rwlock)
{
	struct object *object = &world->objects[rwlock];
	struct task *holder = object->owner != 0 ? &world->tasks[object->owner] : any_reader(world, rwlock);
	world->misuse = MISUSE_UNLOCK_NOT_OWNER;
	if (holder != NULL)
		world_release(holder, rwlock);
}

static int64_t give(struct world *world, struct task *task)
{
	uint32_t rwlock = task->pending.object;
	struct object *object = &world->objects[rwlock];
	if (object->owner == 0 && object->count == 0) {
		world->misuse = MISUSE_UNLOCK_UNLOCKED;
		return 0;
	}
	if (world_held(task, rwlock) != NULL)
		world_release(task, rwlock);
	else if (!(task->flags & TASK_HOLDS_LOST))
		give_back_foreign(world, rwlock);
	if (object->owner != 0)
		object->owner = 0;
	else
		object->count--;
	return 0;
}

static int64_t destroy(struct world *world, struct object *object)
{
	if (object->owner != 0 || object->count != 0)
		world->misuse = MISUSE_DESTROY_LOCKED;
	object->flags |= OBJECT_DESTROYED;
	return 0;
}

static int64_t rwlock_apply(struct world *world, struct task *task)
{
	switch (task->pending.op) {
	case OP_RWLOCK_UNLOCK: return give(world, task);
	case OP_RWLOCK_DESTROY: return destroy(world, &world->objects[task->pending.object]);
	default: return take(world, task);
	}
}

const struct model model_rwlock = {rwlock_enabled, rwlock_apply, NULL};
