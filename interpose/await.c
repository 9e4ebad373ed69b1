#include "await.h"

#include "call.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "serving.h"
#include "signals.h"
#include "sys.h"
#include "timerfd.h"

/* Who waits this long for the other end of a connection means that it is gone, not that it is slow by some steps. */
#define PATIENCE_NS 1000000000ULL

/* As the kernel has it, not as the C library. */
struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

/* Are all handlers that are due such as restart the call? */
static bool is_restarted(const struct task *task)
{
	for (uint64_t due = task->signals & ~task->signal_mask; due != 0; due &= due - 1) {
		struct kernel_action action = {0};
		sys_call(SYS_rt_sigaction, __builtin_ctzll(due) + 1, 0, (long)&action, sizeof action.mask, 0, 0);
		if (!(action.flags & SA_RESTART))
			return false;
	}
	return true;
}

static bool is_cancelled(void)
{
	return !self.uncancellable && (task_self()->flags & TASK_CANCELLED);
}

static void set_flags(struct external *external, const struct request *asked)
{
	uint16_t *flags = &external->request.flags;

	*flags = asked->flags | REQUEST_INTERRUPT;
	if (!self.uncancellable && !(*flags & REQUEST_GUARDED))
		*flags |= REQUEST_CANCEL;
}

/* A timer is due before the time-out of the call. */
static bool set_deadline(struct external *external, const struct request *asked)
{
	struct request *request = &external->request;
	bool timed = asked->flags & REQUEST_TIMED;
	uint64_t next_ns = UINT64_MAX;

	if (external->timers) {
		timerfd_fire();
		next_ns = timerfd_next();
	}
	request->deadline_ns = asked->deadline_ns;
	if (next_ns == UINT64_MAX || (timed && next_ns >= asked->deadline_ns))
		return false;
	request->deadline_ns = next_ns;
	request->flags |= REQUEST_TIMED;
	return true;
}

int await_external(struct external *external, bool restarts)
{
	const struct request asked = external->request;
	bool guarded = asked.flags & REQUEST_GUARDED;

	if (!guarded)
		cancel_act();
	for (;;) {
		set_flags(external, &asked);
		bool timer = set_deadline(external, &asked);
		int error = external_perform(external);
		if ((error == ETIMEDOUT && timer) || error == EAGAIN)
			continue;
		if (error != EINTR)
			return error;
		if (!guarded && is_cancelled()) {
			cancel_act();
		} else if (restarts && is_restarted(task_self())) {
			call_user_begin();
			signals_deliver();
			call_user_end();
		} else {
			return EINTR;
		}
	}
}

uint16_t await_reply(bool converses, uint64_t span_ns)
{
	return converses && span_ns >= PATIENCE_NS ? REQUEST_PATIENT : 0;
}

void await_patience(struct request *request, int fd, int option)
{
	struct timeval patience = {0};
	socklen_t length = sizeof patience;

	if (sys_call(SYS_getsockopt, fd, SOL_SOCKET, option, (long)&patience, (long)&length, 0) < 0)
		return;
	if (patience.tv_sec == 0 && patience.tv_usec == 0)
		return;
	uint64_t span_ns = (uint64_t)patience.tv_sec * 1000000000 + (uint64_t)patience.tv_usec * 1000;
	request->flags |= REQUEST_TIMED | await_reply(serving_converses(request->object), span_ns);
	request->deadline_ns = vclock_after(span_ns);
}

bool await_never(int fd)
{
	long flags = sys_call3(SYS_fcntl, fd, F_GETFL, 0);

	return flags < 0 || (flags & O_NONBLOCK);
}
