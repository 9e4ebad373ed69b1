#include <errno.h>

#include "model.h"

/*
 * Locks of files belong to processes. object.owner is the process that has it exclusively; who has it shared is
 * written in the holds of some task of each such process.
 */
static struct task *holder_in(const struct world *world, uint32_t process, uint32_t file)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		if (task->process == process && world_held(task, file) != NULL)
			return (struct task *)task;
	}
	return NULL;
}

/* flock gives the old lock back before it waits for the new one. */
static bool is_converting(const struct world *world, uint32_t process, uint32_t file)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		if (task->process == process && task->state == TASK_READY && task->pending.op == OP_FILE_LOCK &&
			task->pending.object == file && !(task->pending.argument & MODEL_FILE_POSIX))
			return true;
	}
	return false;
}

/* A process other than the task's that has the lock in a way that conflicts, or 0. */
static uint32_t blocker_of(const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	const struct object *object = &world->objects[request->object];
	if (object->owner != 0)
		return object->owner == task->process ? 0 : object->owner;
	if (!(request->argument & MODEL_FILE_EXCLUSIVE) || object->count == 0)
		return 0;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *other = &world->tasks[id];
		if (other->process != task->process && world_held(other, request->object) != NULL &&
			!is_converting(world, other->process, request->object))
			return other->process;
	}
	return 0;
}

/* The process that keeps `process` waiting for a POSIX lock, or 0. */
static uint32_t waits_for(const struct world *world, uint32_t process)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		if (task->process == process && task->state == TASK_READY && task->pending.op == OP_FILE_LOCK &&
			(task->pending.argument & MODEL_FILE_POSIX))
			return blocker_of(world, task);
	}
	return 0;
}

/* The kernel refuses a POSIX lock that would close a circle of waiting processes (and gives up after ten). */
static bool is_circle(const struct world *world, const struct task *task)
{
	uint32_t process = blocker_of(world, task);
	if (!(task->pending.argument & MODEL_FILE_POSIX))
		return false;
	for (int i = 0; i < 10 && process != 0; i++) {
		process = waits_for(world, process);
		if (process == task->process)
			return true;
	}
	return false;
}

static bool file_lock_enabled(const struct world *world, const struct task *task)
{
	return task->pending.op != OP_FILE_LOCK || blocker_of(world, task) == 0 || is_circle(world, task);
}

static void drop(struct world *world, uint32_t process, uint32_t file)
{
	struct object *object = &world->objects[file];
	struct task *holder = holder_in(world, process, file);
	if (object->owner == process)
		object->owner = 0;
	else if (holder != NULL && object->count > 0)
		object->count--;
	if (holder != NULL)
		world_release(holder, file);
}

/* Those left are converting and have given theirs back. */
static void drop_converting(struct world *world, uint32_t file)
{
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (world_held(&world->tasks[id], file) != NULL)
			drop(world, world->tasks[id].process, file);
}

static int64_t take(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	struct object *object = &world->objects[request->object];
	bool exclusive = request->argument & MODEL_FILE_EXCLUSIVE;
	if (blocker_of(world, task) != 0)
		return request->op == OP_FILE_LOCK ? EDEADLK : EAGAIN;
	drop(world, task->process, request->object);
	if (exclusive) {
		drop_converting(world, request->object);
		object->owner = task->process;
	} else {
		object->count++;
	}
	world_hold(task, request->object, !exclusive, request->site);
	return 0;
}

static int64_t file_lock_apply(struct world *world, struct task *task)
{
	if (task->pending.op != OP_FILE_UNLOCK)
		return take(world, task);
	drop(world, task->process, task->pending.object);
	return 0;
}

static struct task *sibling_of(struct world *world, const struct task *dead)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		if (task != dead && task->process == dead->process && task->state != TASK_FREE &&
			task->state != TASK_ENDED && task->nholds < LIMIT_HOLDS)
			return task;
	}
	return NULL;
}

/* The lock outlives the thread that took it, but not the process. */
static void file_lock_owner_died(struct world *world, struct object *object, struct task *task)
{
	uint32_t file = (uint32_t)(object - world->objects);
	const struct hold *hold = world_held(task, file);
	struct task *heir = sibling_of(world, task);
	if (heir != NULL && hold != NULL)
		world_hold(heir, file, hold->shared, hold->site);
	else
		drop(world, task->process, file);
}

const struct model model_file_lock = {file_lock_enabled, file_lock_apply, file_lock_owner_died};
