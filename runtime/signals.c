#include "signals.h"

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
	self.handling++;
	snapshot_touch_stack();
	sys_call3(SYS_tgkill, sys_getpid(), sys_gettid(), number);
	self.handling--;
}

bool signals_is_raising(void)
{
	return self.handling > 0;
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
