/* Cancelling threads: who may be cancelled, and when it acts. */
#include "cancel.h"

#include "call.h"

#include <pthread.h>

#include "probe.h"
#include "unwind.h"

static bool is_due(void)
{
	return self.task != 0 && !self.uncancellable && (task_self()->flags & TASK_CANCELLED);
}

INTERPOSE_VOID(pthread_testcancel, (void), ())
{
	struct request request = call_request(OP_TESTCANCEL, task_self()->object);

	point(&request);
	cancel_act();
}

/* What runs while the thread unwinds is not cancelled again. */
void cancel_act(void)
{
	uint16_t inside = self.inside;

	if (!is_due())
		return;
	self.uncancellable = 1;
	self.asynchronous = 0;
	errno = self.error;
	self.inside = 0;
	genuine_pthread_testcancel();
	self.inside = inside;
}

int64_t cancel_point(struct request *request)
{
	int64_t result;

	cancel_act();
	for (;;) {
		request->flags &= (uint16_t)~REQUEST_CANCEL;
		if (!self.uncancellable)
			request->flags |= REQUEST_CANCEL;
		result = point(request);
		if (result != EINTR || !is_due())
			return result;
		cancel_act(); /* comes back where the thread is on its way out already: it waits on */
	}
}

/* One that has ended is left alone: its kernel thread may be gone or not. */
INTERPOSE(int, pthread_cancel, (pthread_t thread), (thread))
{
	uint32_t id = thread == pthread_self() ? self.task : task_by_handle(thread);

	if (id == 0)
		return genuine_pthread_cancel(thread);
	struct task *target = &control->world.tasks[id];
	struct request request = call_request(OP_CANCEL, target->object);
	point_announce(&request);
	int error = 0;
	if (target->state != TASK_ENDED) {
		unwind_note();
		error = genuine_pthread_cancel(thread);
		target->exit_value = (uint64_t)(uintptr_t)PTHREAD_CANCELED;
		point_apply();
		if (__atomic_load_n(&target->state, __ATOMIC_ACQUIRE) == TASK_LAPSED)
			probe_cancel(target->tid);
	}
	point_done(error, 0);
	return error;
}

INTERPOSE(int, pthread_setcancelstate, (int state, int *old), (state, old))
{
	int error = genuine_pthread_setcancelstate(state, old);

	if (error == 0)
		self.uncancellable = state == PTHREAD_CANCEL_DISABLE;
	return error;
}

INTERPOSE(int, pthread_setcanceltype, (int type, int *old), (type, old))
{
	if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
		return EINVAL;
	if (old)
		*old = self.asynchronous ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
	self.asynchronous = type == PTHREAD_CANCEL_ASYNCHRONOUS;
	return 0;
}
