#include "external.h"

#include <errno.h>

#include "control.h"
#include "point.h"
#include "record.h"
#include "self.h"
#include "shared/model/model.h"
#include "shared/model/retry.h"
#include "task.h"

/* What ends the wait of a task that has been given the turn, apart from the kernel: 0, ETIMEDOUT or EINTR. */
static int ended(const struct task *task)
{
	if (task->flags & TASK_EXPIRED)
		return ETIMEDOUT;
	return model_interrupted(task) ? EINTR : 0;
}

/* Nobody who is controlled can end this wait. */
static bool sleep_outside(struct external *external)
{
	control_uncontrolled(UNCONTROLLED_LAPSE, external->request.site, "");
	point_leave(self.task);
	bool done = external->sleep(external);
	point_ensure();
	task_self()->pending = external->request;
	return done || external->attempt(external);
}

/* Channels have errors as the kernel has them, the others as their models. */
static int64_t result_of(const struct external *external, int error)
{
	return op_info(external->request.op)->object_kind == OBJECT_CHANNEL ? -error : error;
}

static void finish(struct external *external, int error)
{
	struct task *task = task_self();

	task->pending.flags &= (uint16_t)~REQUEST_ASKED;
	if (error == 0 && !external->unchanged) {
		task->flags &= ~(uint32_t)TASK_EXPIRED;
		point_apply();
	} else {
		task->flags &= ~(uint32_t)(TASK_EXPIRED | TASK_WOKEN);
		control->world.progress++;
	}
	point_done(error ? result_of(external, error) : external->result, external->digest);
}

int external_perform(struct external *external)
{
	struct world *world = &control->world;
	struct task *task = task_self();
	struct request outer = task->pending;
	bool done = false;
	int error = 0;

	if (!external->is_ready(external))
		retry_block(world, &external->request);
	for (;;) {
		point_announce(&external->request);
		error = ended(task);
		bool sleeps = task->flags & TASK_SLEEPS;
		task->flags &= ~(uint32_t)TASK_SLEEPS;
		done = external->attempt(external);
		if (!done && error == 0 && sleeps)
			done = sleep_outside(external);
		if (done || error)
			break;
		point_done(result_of(external, EAGAIN), 0);
		external->request.deadline_ns = task->pending.deadline_ns; /* of one who is patient it may have moved */
		if (external->timers)
			return EAGAIN;
		retry_block(world, &external->request);
	}
	finish(external, done ? 0 : error);
	if (external->request.flags & REQUEST_GUARDED)
		task->pending = outer;
	return done ? 0 : error;
}
