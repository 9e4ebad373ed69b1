#include "signals.h"

#include <errno.h>
#include <signal.h>

#include "control.h"
#include "self.h"
#include "shared/post.h"
#include "snapshot.h"
#include "sys.h"
#include "task.h"
#include "undo.h"

static uint64_t known_mask;
static bool mask_is_known;

void signals_mask_moved(void)
{
	mask_is_known = false;
}

uint64_t signals_mask(void)
{
	if (!mask_is_known)
		sys_call(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&known_mask, sizeof known_mask, 0, 0);
	mask_is_known = true;
	return known_mask;
}

void signals_set_mask(uint64_t mask)
{
	if (snapshot_is_active())
		mask = undo_spare_mask(mask);
	if (signals_mask() == mask)
		return;
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof mask, 0, 0);
	known_mask = mask;
}

bool signals_is_due(void)
{
	const struct task *task = &control->world.tasks[self.task];

	return (task->signals & ~task->signal_mask) != 0;
}

void signals_raise(int number)
{
	uint16_t outer = self.handling;

	self.handling = (uint16_t)number;
	snapshot_touch_stack();
	sys_call3(SYS_tgkill, sys_getpid(), sys_gettid(), number);
	self.handling = outer;
}

bool signals_take_raised(int number)
{
	if (self.handling != number)
		return false;
	self.handling = 0;
	return true;
}

void signals_deliver(void)
{
	struct task *task = task_self();

	for (;;) {
		uint64_t due = task->signals & ~task->signal_mask;
		if (due == 0)
			return;
		int number = __builtin_ctzll(due) + 1;
		task->signals &= ~post_bit(number);
		signals_raise(number);
	}
}

void signals_deliver_amid(void)
{
	struct task *task = task_self();
	struct self outer = self;

	signals_mask_moved(); /* what is known may be another thread's */
	task->signal_mask |= signals_mask();
	errno = self.error;
	self.inside = 0;
	signals_deliver();
	self.inside = outer.inside;
	self.error = outer.error;
	self.site = outer.site;
	self.routine = outer.routine;
}

/* Handlers may have a stack of their own, which lies anywhere. */
bool signals_have_left(uint64_t frame)
{
	stack_t stack = {0};

	if ((uint64_t)(uintptr_t)__builtin_frame_address(0) < frame)
		return false;
	sys_call3(SYS_sigaltstack, 0, (long)&stack, 0);
	return !(stack.ss_flags & SS_ONSTACK);
}
