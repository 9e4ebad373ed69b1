#include "model.h"

#include <errno.h>

#include "mutex.h"
#include "../crowd.h"
#include "shared/suspension.h"

static bool free_enabled(const struct world *world, const struct task *task)
{
	(void)world;
	(void)task;
	return true;
}

static int64_t free_apply(struct world *world, struct task *task)
{
	(void)world;
	(void)task;
	return 0;
}

static const struct model model_free = {free_enabled, free_apply, NULL};

static const struct model *const models[OBJECT_KIND_COUNT] = {
	[OBJECT_NONE] = &model_free,
	[OBJECT_CONNECTION] = &model_free,
	[OBJECT_UNIT] = &model_free,
	[OBJECT_EFFECT] = &model_free,
	[OBJECT_TASK] = &model_task,
	[OBJECT_MUTEX] = &model_mutex,
	[OBJECT_COND] = &model_cond,
	[OBJECT_RWLOCK] = &model_rwlock,
	[OBJECT_SEM] = &model_sem,
	[OBJECT_BARRIER] = &model_barrier,
	[OBJECT_ONCE] = &model_once,
	[OBJECT_SPIN] = &model_spin,
	[OBJECT_FUTEX] = &model_futex,
	[OBJECT_PROCESS] = &model_process,
	[OBJECT_CHANNEL] = &model_channel,
	[OBJECT_FILE_LOCK] = &model_file_lock,
	[OBJECT_DATABASE] = &model_database,
};

const struct model *model_of(uint16_t op)
{
	return models[op_info(op)->object_kind];
}

/* Would it complete by itself: not by a time-out, not by a signal? */
static bool is_ready(const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	if (request->flags & REQUEST_HOLD)
		return (request->flags & REQUEST_TIMED) && world->now_ns >= request->deadline_ns;
	if (op_never_waits(request->op))
		return true;
	return model_of(request->op)->enabled(world, task);
}

bool model_enabled(const struct world *world, const struct task *task)
{
	if (is_ready(world, task))
		return true;
	/* Whatever ends the wait, a condition's mutex must be had again; its model has seen to that. */
	if (task->pending.op == OP_COND_WAKE)
		return false;
	return model_ended(task);
}

bool model_expirable(const struct world *world, const struct task *task)
{
	/* While the holder of a database's lock can go on no busy timeout runs out: programs choose long ones. */
	if (task->pending.op == OP_DB_WAIT)
		return false;
	return task->pending.op != OP_COND_WAKE || mutex_is_free(world, task, task->pending.second);
}

/* Those who have been woken may still be on their way out when a condition or a barrier is destroyed. */
static bool is_too_late(const struct world *world, const struct request *request)
{
	return request->op != OP_COND_WAKE && request->op != OP_BARRIER_PASS && request->object != 0 &&
		(world->objects[request->object].flags & OBJECT_DESTROYED);
}

static int64_t perform(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	bool expired = task->flags & TASK_EXPIRED;
	if (is_too_late(world, request))
		world->misuse = MISUSE_USE_DESTROYED;
	if (request->op == OP_COND_WAKE)
		return model_of(request->op)->apply(world, task);
	if (request->flags & REQUEST_HOLD)
		return expired || is_ready(world, task) ? 0 : EINTR;
	if (expired)
		return ETIMEDOUT;
	return is_ready(world, task) ? model_of(request->op)->apply(world, task) : EINTR;
}

int64_t model_apply(struct world *world, struct task *task)
{
	task->result = perform(world, task);
	if (op_info(task->pending.op)->flags & ACT_RETRY)
		world->progress++; /* other steps are counted by the turn */
	task->flags &= ~(uint32_t)(TASK_WOKEN | TASK_EXPIRED);
	return task->result;
}

/* Its place among the waiters of a condition. */
static void stop_waiting(struct world *world, const struct task *task)
{
	struct object *object = &world->objects[task->pending.object];
	if (task->state == TASK_READY && task->pending.op == OP_COND_WAKE && !(task->flags & TASK_WOKEN) &&
		object->count > 0)
		object->count--;
}

void model_task_died(struct world *world, struct task *task)
{
	crowd_leave(world, task);
	stop_waiting(world, task);
	suspension_drop(world, task);
	while (task->nholds > 0) {
		uint32_t id = task->holds[0].object;
		const struct model *model = models[world->objects[id].kind];
		if (model->owner_died != NULL)
			model->owner_died(world, &world->objects[id], task);
		/* Nothing is left of it in the task, however many times it was taken. */
		while (world_held(task, id) != NULL)
			world_release(task, id);
	}
	if (task->object != 0)
		world->objects[task->object].count = 1;
}
