#include "suspension.h"

/* Has the wait a place that others look for? */
static bool has_place(uint16_t op)
{
	return op == OP_COND_WAKE || op == OP_BARRIER_PASS;
}

static bool is_due(const struct task *task)
{
	const struct request *request = &task->pending;
	if (!suspension_is_likely(task) || !(op_info(request->op)->flags & ACT_HANDLERS))
		return false;
	if (request->flags & (REQUEST_INTERRUPT | REQUEST_MASKED))
		return false;
	return !(task->flags & TASK_QUEUED) || !has_place(request->op);
}

bool suspension_begin(struct world *world, struct task *task)
{
	const struct request *request = &task->pending;
	if (!is_due(task))
		return false;
	task->suspended = (struct suspension){.request = *request, .wait_order = task->wait_order,
		.since_ns = task->since_ns, .flags = task->flags & (TASK_WOKEN | TASK_EXPIRED)};
	if (has_place(request->op)) {
		task->queued = task->suspended;
		task->flags |= TASK_QUEUED;
	}
	task->flags &= ~(uint32_t)(TASK_WOKEN | TASK_EXPIRED);
	task->flags |= TASK_SUSPENDED;
	world->nsuspended++;
	task->pending = (struct request){.op = OP_SIGNAL_DELIVER, .flags = request->flags & REQUEST_GUARDED,
		.object = task->object, .site = request->site};
	task->nops++;
	return true;
}

void suspension_end(struct task *task, struct suspension *wait)
{
	if (!has_place(wait->request.op))
		return;
	wait->flags = task->queued.flags;
	task->flags &= ~(uint32_t)TASK_QUEUED;
}

void suspension_resume(struct task *task, const struct suspension *wait)
{
	task->since_ns = wait->since_ns;
	task->flags |= wait->flags;
}

void suspension_drop(struct world *world, struct task *task)
{
	struct object *object = &world->objects[task->queued.request.object];
	if (!(task->flags & TASK_QUEUED))
		return;
	task->flags &= ~(uint32_t)TASK_QUEUED;
	if (task->queued.request.op == OP_COND_WAKE && !(task->queued.flags & TASK_WOKEN) && object->count > 0)
		object->count--;
}
