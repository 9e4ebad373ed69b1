#include "file_lock.h"

#include "model.h"
#include "retry.h"

enum { CIRCLE_MAX = 10 };

/*
 * Who has which range of a file is known to the kernel. The models know which processes have some lock of it, in the
 * holds of one of their tasks: for reports, and because a change of one's own lock may let others in.
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

bool file_lock_is_held(const struct world *world, uint32_t object, uint32_t process)
{
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if ((process == 0 || world->tasks[id].process == process) && world_held(&world->tasks[id], object) != NULL)
			return true;
	return false;
}

static uint32_t process_of(const struct world *world, uint32_t object)
{
	for (uint32_t id = 1; id <= world->nprocesses; id++)
		if (world->processes[id].object == object)
			return id;
	return 0;
}

/* The process that keeps `process` waiting for a POSIX lock, or 0. One that may ask again may be waiting no more. */
static uint32_t waits_for(const struct world *world, uint32_t process)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		const struct request *request = &task->pending;
		if (task->process == process && task->state == TASK_READY && request->op == OP_FILE_LOCK &&
			(request->argument & MODEL_FILE_POSIX) && request->second != 0 && !retry_is_enabled(world, request))
			return process_of(world, request->second);
	}
	return 0;
}

bool file_lock_is_circle(const struct world *world, uint32_t process, uint32_t blocker)
{
	for (int i = 0; i < CIRCLE_MAX && blocker != 0; i++) {
		if (blocker == process)
			return true;
		blocker = waits_for(world, blocker);
	}
	return false;
}

static bool file_lock_enabled(const struct world *world, const struct task *task)
{
	return task->pending.op != OP_FILE_LOCK || retry_is_enabled(world, &task->pending);
}

/* What the process had of the file it has no more, or not the same. */
void file_lock_drop(struct world *world, uint32_t object, uint32_t process)
{
	struct task *holder = holder_in(world, process, object);
	if (holder == NULL)
		return;
	while (world_held(holder, object) != NULL)
		world_release(holder, object);
	world->objects[object].version++;
}

static int64_t file_lock_apply(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	bool unlocks = request->op == OP_FILE_UNLOCK;
	if (unlocks && holder_in(world, task->process, request->object) == NULL)
		world->objects[request->object].version++; /* the lock was inherited with its open file */
	file_lock_drop(world, request->object, task->process);
	if (!unlocks)
		world_hold(task, request->object, !(request->argument & MODEL_FILE_EXCLUSIVE), request->site);
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
		object->version++;
}

const struct model model_file_lock = {file_lock_enabled, file_lock_apply, file_lock_owner_died};
