#include "mutex.h"

#include <errno.h>

#include "model.h"

bool mutex_is_free(const struct world *world, const struct task *task, uint32_t mutex)
{
	const struct object *object = &world->objects[mutex];
	if (object->owner == task->id && (object->flags & (OBJECT_RECURSIVE | OBJECT_ERRORCHECK)))
		return true;
	return object->owner == 0 || (object->flags & OBJECT_UNRECOVERABLE);
}

static int64_t take_own(struct world *world, struct task *task, uint32_t mutex)
{
	struct object *object = &world->objects[mutex];
	if (object->flags & OBJECT_RECURSIVE) {
		object->count++;
		world_hold(task, mutex, false, task->pending.site);
		return 0;
	}
	bool try = task->pending.op == OP_MUTEX_TRYLOCK && !(object->flags & OBJECT_ROBUST);
	return (object->flags & OBJECT_ERRORCHECK) && !try ? EDEADLK : EBUSY;
}

int64_t mutex_take(struct world *world, struct task *task, uint32_t mutex)
{
	struct object *object = &world->objects[mutex];
	if (object->flags & OBJECT_UNRECOVERABLE)
		return ENOTRECOVERABLE;
	if (object->owner == task->id)
		return take_own(world, task, mutex);
	if (object->owner != 0)
		return EBUSY;
	object->owner = task->id;
	object->count = 1;
	world_hold(task, mutex, false, task->pending.site);
	if (!(object->flags & OBJECT_OWNER_DIED))
		return 0;
	object->flags &= (uint16_t)~OBJECT_OWNER_DIED;
	object->flags |= OBJECT_INCONSISTENT;
	return EOWNERDEAD;
}

static void let_go(struct world *world, uint32_t mutex)
{
	struct object *object = &world->objects[mutex];
	world_release(&world->tasks[object->owner], mutex);
	if (--object->count > 0)
		return;
	object->owner = 0;
	if (!(object->flags & OBJECT_INCONSISTENT))
		return;
	object->flags &= (uint16_t)~OBJECT_INCONSISTENT;
	object->flags |= OBJECT_UNRECOVERABLE;
}

/* Types that know their owner refuse; a normal mutex opens for anybody, which the program did not mean. */
int64_t mutex_give(struct world *world, struct task *task, uint32_t mutex)
{
	struct object *object = &world->objects[mutex];
	if (object->owner != task->id) {
		if (object->flags & (OBJECT_RECURSIVE | OBJECT_ERRORCHECK | OBJECT_ROBUST))
			return EPERM;
		world->misuse = object->owner == 0 ? MISUSE_UNLOCK_UNLOCKED : MISUSE_UNLOCK_NOT_OWNER;
	}
	if (object->owner != 0)
		let_go(world, mutex);
	return 0;
}

static int64_t make_consistent(struct object *object, const struct task *task)
{
	if (!(object->flags & OBJECT_INCONSISTENT) || object->owner != task->id)
		return EINVAL;
	object->flags &= (uint16_t)~OBJECT_INCONSISTENT;
	return 0;
}

static int64_t destroy(struct world *world, struct object *object)
{
	if (object->owner != 0) {
		world->misuse = MISUSE_DESTROY_LOCKED;
		return EBUSY;
	}
	object->flags |= OBJECT_DESTROYED;
	return 0;
}

static bool mutex_enabled(const struct world *world, const struct task *task)
{
	switch (task->pending.op) {
	case OP_MUTEX_LOCK:
	case OP_MUTEX_TIMEDLOCK:
	case OP_LIBRARY_LOCK: return mutex_is_free(world, task, task->pending.object);
	default: return true;
	}
}

static int64_t mutex_apply(struct world *world, struct task *task)
{
	uint32_t mutex = task->pending.object;
	switch (task->pending.op) {
	case OP_MUTEX_UNLOCK:
	case OP_LIBRARY_UNLOCK: return mutex_give(world, task, mutex);
	case OP_MUTEX_CONSISTENT: return make_consistent(&world->objects[mutex], task);
	case OP_MUTEX_DESTROY: return destroy(world, &world->objects[mutex]);
	default: return mutex_take(world, task, mutex);
	}
}

/* A robust mutex passes on to the next one who locks; the others stay locked for ever, as in the C library. */
static void mutex_owner_died(struct world *world, struct object *object, struct task *task)
{
	(void)world;
	if (!(object->flags & OBJECT_ROBUST) || object->owner != task->id)
		return;
	object->owner = 0;
	object->count = 0;
	object->flags &= (uint16_t)~OBJECT_INCONSISTENT;
	object->flags |= OBJECT_OWNER_DIED;
}

const struct model model_mutex = {mutex_enabled, mutex_apply, mutex_owner_died};
