#include "timer.h"

#include <string.h>

#include "control.h"
#include "record.h"
#include "shared/post.h"
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
	post_timer_sleep(timer, vclock_after(after_ns));
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

void timer_fire(uint32_t id)
{
	struct task *timer = &control->world.tasks[id];
	struct request request = timer->pending;
	bool again = post_timer(&control->world, timer);

	record_done(timer, &request, 0, 0, false);
	if (again)
		record_announce(timer);
}
