#include "timer.h"

#include <string.h>

#include "control.h"
#include "record.h"
#include "shared/death.h"
#include "shared/model/retry.h"
#include "shared/post.h"
#include "signals.h"
#include "sys.h"
#include "task.h"
#include "vclock.h"

uint32_t timer_arm(uint64_t after_ns, uint64_t interval_ns, int number)
{
	uint32_t id = task_new_timer();

	if (id == 0)
		return 0;
	struct task *timer = &control->world.tasks[id];
	timer->exit_value = interval_ns;
	timer->start = (uint64_t)number;
	post_timer_sleep(&control->world, timer, vclock_after(after_ns));
	record_announce(timer);
	return id;
}

uint64_t timer_left(uint32_t id)
{
	const struct task *timer = &control->world.tasks[id];
	uint64_t now = control->world.now_ns;

	if (id == 0 || timer->state != TASK_READY)
		return 0;
	return timer->pending.deadline_ns > now ? timer->pending.deadline_ns - now : 1;
}

uint64_t timer_disarm(uint32_t id)
{
	uint64_t left = timer_left(id);

	if (id)
		control->world.tasks[id].state = TASK_ENDED;
	return left;
}

/* As the kernel does it to a process that has no handler: to ours at once, to another that is parked. */
static void end_process(uint32_t index, int number)
{
	int32_t pid = control->world.processes[index].pid;

	if (index == control_process) {
		signals_set_mask(signals_mask() & ~post_bit(number));
		signals_raise(number);
	}
	sys_call3(SYS_kill, pid, number, 0);
	death_of_process(&control->world, index, number);
	retry_all(&control->world);
}

void timer_fire(uint32_t id)
{
	struct task *timer = &control->world.tasks[id];
	struct request request = timer->pending;
	uint32_t process = timer->process;
	bool ends = post_ends(&control->world, process, (int)timer->start);
	bool again = post_timer(&control->world, timer);

	record_done(timer, &request, 0, 0, false);
	if (again)
		record_announce(timer);
	if (ends)
		end_process(process, (int)timer->start);
}
