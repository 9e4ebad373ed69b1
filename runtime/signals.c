#include "signals.h"

#include "control.h"
#include "self.h"
#include "shared/post.h"
#include "sys.h"
#include "task.h"

bool signals_is_due(void)
{
	const struct task *task = &control->world.tasks[self.task];

	return (task->signals & ~task->signal_mask) != 0;
}

void signals_raise(int number)
{
	self.handling++;
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
