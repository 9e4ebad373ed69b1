#include "stranger.h"

#include "call.h"

#include <signal.h>
#include <sys/wait.h>

#include "await.h"
#include "shared/model/model.h"
#include "shared/model/retry.h"
#include "shared/post.h"
#include "sys.h"

enum { MOMENT_NS = 1000000 };

static bool is_stranger(uint32_t index)
{
	const struct world *world = &control->world;
	const struct process *process = &world->processes[index];

	if (process->parent != control_process || process->state != PROCESS_LIVE)
		return false;
	for (uint32_t id = 1; id <= world->ntasks; id++)
		if (world->tasks[id].process == index && (world->tasks[id].flags & TASK_STRANGER))
			return true;
	return false;
}

/* As wait() encodes it. */
static int status_of(const siginfo_t *information)
{
	return information->si_code == CLD_EXITED ? information->si_status << 8 : information->si_status;
}

static void end(uint32_t index, int status)
{
	struct world *world = &control->world;

	for (uint32_t id = 1; id <= world->ntasks; id++) {
		if (world->tasks[id].process != index || world->tasks[id].state == TASK_ENDED)
			continue;
		model_task_died(world, &world->tasks[id]);
		world->tasks[id].state = TASK_ENDED;
	}
	world->processes[index].ntasks = 0;
	model_process_died(world, index, status);
	retry_all(world);
	post_process(world, control_process, SIGCHLD);
}

static bool has_ended(uint32_t index, siginfo_t *information)
{
	*information = (siginfo_t){0};
	long result = sys_call(SYS_waitid, P_PID, control->world.processes[index].pid, (long)information,
		WEXITED | WNOHANG | WNOWAIT, 0, 0);
	return result == 0 && information->si_pid != 0;
}

/* Those that have ended become zombies in the model, too. */
static void note_ends(void)
{
	siginfo_t information;

	for (uint32_t i = 1; i <= control->world.nprocesses; i++)
		if (is_stranger(i) && has_ended(i, &information))
			end(i, status_of(&information));
}

/* Whether the wait can end says the model, whether such a child has ended the kernel. */
static bool is_ended(struct external *external)
{
	struct task *task = task_self();

	note_ends();
	task->pending = external->request;
	if (external->request.op == OP_SIGNAL_WAIT)
		post_claim(&control->world, task, external->request.argument);
	return model_of(external->request.op)->enabled(&control->world, task);
}

static bool any_ended(void)
{
	siginfo_t information;

	for (uint32_t i = 1; i <= control->world.nprocesses; i++)
		if (is_stranger(i) && has_ended(i, &information))
			return true;
	return false;
}

/* Looks a thousand times a second: the kernel has no call that waits for some children and not for others. */
static bool sleep_ended(struct external *external)
{
	struct timespec moment = {.tv_nsec = MOMENT_NS};

	while (!any_ended() && !model_of(external->request.op)->enabled(&control->world, task_self()))
		sys_call3(SYS_nanosleep, (long)&moment, 0, 0);
	return false;
}

int64_t stranger_wait(const struct request *request)
{
	struct external external = {
		.request = *request, .is_ready = is_ended, .attempt = is_ended, .sleep = sleep_ended,
	};
	int error = request->op == OP_WAIT ? await_external(&external, true) : external_perform(&external);

	return error ? error : task_self()->result;
}
