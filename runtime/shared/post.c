#include "post.h"

#include <signal.h>

#include "crowd.h"
#include "model/model.h"
#include "model/retry.h"

void post_task(struct world *world, struct task *task, int number)
{
	crowd_leave(world, task);
	task->signals |= post_bit(number);
}

static bool waits_for(const struct task *task, int number)
{
	return task->state == TASK_READY && task->pending.op == OP_SIGNAL_WAIT &&
		(task->pending.argument & post_bit(number));
}

static bool lets_in(const struct task *task, int number)
{
	return !(task->signal_mask & post_bit(number));
}

static struct task *find(struct world *world, uint32_t process, int number, bool (*suits)(const struct task *, int))
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		if (task->process == process && task->state != TASK_FREE && task->state != TASK_ENDED &&
			!(task->flags & TASK_TIMER) && suits(task, number))
			return task;
	}
	return NULL;
}

void post_tell(struct world *world, uint32_t process, int number)
{
	if (world->processes[process].watched & post_bit(number))
		retry_all(world);
}

void post_process(struct world *world, uint32_t process, int number)
{
	struct task *task = find(world, process, number, waits_for);

	post_tell(world, process, number);
	if (!task) {
		task = find(world, process, number, lets_in);
		if (task && !(world->processes[process].handled & post_bit(number)))
			return; /* ignored, or by default nothing happens */
	}
	if (task)
		post_task(world, task, number);
	else
		world->processes[process].signals |= post_bit(number);
}

bool post_is_let_in(struct world *world, uint32_t process, int number)
{
	return number == SIGKILL ||
		(!find(world, process, number, waits_for) && find(world, process, number, lets_in));
}

bool post_is_fatal(const struct process *process, int number)
{
	static const uint64_t harmless = 1ULL << (SIGCHLD - 1) | 1ULL << (SIGURG - 1) | 1ULL << (SIGWINCH - 1) |
		1ULL << (SIGCONT - 1) | 1ULL << (SIGSTOP - 1) | 1ULL << (SIGTSTP - 1) | 1ULL << (SIGTTIN - 1) |
		1ULL << (SIGTTOU - 1);
	uint64_t bit = post_bit(number);

	return number == SIGKILL || (bit != 0 && !(bit & (process->handled | process->ignored | harmless)));
}

struct task *post_taker(struct world *world, uint32_t process, int number, struct task *otherwise)
{
	struct task *task = find(world, process, number, lets_in);

	return task ? task : otherwise;
}

void post_claim(struct world *world, struct task *task, uint64_t wanted)
{
	struct process *process = &world->processes[task->process];
	uint64_t claimed = process->signals & wanted;

	task->signals |= claimed;
	process->signals &= ~claimed;
}

void post_admit(struct world *world, struct task *task, uint64_t admitted)
{
	struct process *process = &world->processes[task->process];

	post_claim(world, task, admitted & process->handled);
	process->signals &= ~(admitted & ~process->handled);
}

/* Nobody means such a time to be about to come while he does something else. */
#define LONG_NS 10000000000ULL

/*
 * One that would end its process, or is ten seconds away or more, is a limit for all that is done meanwhile: that it
 * comes early tells nothing.
 */
void post_timer_sleep(const struct world *world, struct task *timer, uint64_t deadline_ns)
{
	bool patient = post_is_fatal(&world->processes[timer->process], (int)timer->start) ||
		(deadline_ns > world->now_ns && deadline_ns - world->now_ns >= LONG_NS);

	timer->pending = (struct request){
		.op = OP_SLEEP,
		.flags = (uint16_t)(REQUEST_TIMED | REQUEST_HOLD | (patient ? REQUEST_PATIENT : 0)),
		.deadline_ns = deadline_ns,
	};
	timer->nops++;
	timer->state = TASK_READY;
}

bool post_timer(struct world *world, struct task *timer)
{
	uint64_t interval_ns = timer->exit_value;

	model_apply(world, timer);
	post_process(world, timer->process, (int)timer->start);
	if (interval_ns == 0) {
		timer->state = TASK_ENDED;
		return false;
	}
	post_timer_sleep(world, timer, world->now_ns + interval_ns);
	return true;
}
