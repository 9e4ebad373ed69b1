/* Waiting for child processes: on the model until one has ended, then for the kernel, which is a moment behind. */
#include "call.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "process.h"
#include "shared/model/model.h"
#include "stranger.h"
#include "sys.h"

/* The child of this process with this pid; 0: none that we know. */
static uint32_t child_of(pid_t pid)
{
	const struct world *world = &control->world;

	for (uint32_t i = 1; i <= world->nprocesses; i++)
		if (world->processes[i].pid == pid && world->processes[i].parent == control_process &&
			(world->processes[i].state == PROCESS_LIVE || world->processes[i].state == PROCESS_ZOMBIE))
			return i;
	return 0;
}

static bool has_children(void)
{
	const struct world *world = &control->world;

	for (uint32_t i = 1; i <= world->nprocesses; i++)
		if (world->processes[i].parent == control_process &&
			(world->processes[i].state == PROCESS_LIVE || world->processes[i].state == PROCESS_ZOMBIE))
			return true;
	return false;
}

static pid_t genuine_wait4_raw(pid_t pid, int *status, int options, void *usage)
{
	long result;

	do
		result = sys_call(SYS_wait4, pid, (long)status, options, (long)usage, 0, 0);
	while (result == -EINTR);
	point_ensure();
	if (result < 0)
		return call_error((int)-result);
	return (pid_t)result;
}

/* Announces the wait; the process that was chosen, 0: none has ended (WNOHANG), or negative errno. */
static int64_t wait_model(pid_t pid, int options, bool keep)
{
	struct request request = call_request(OP_WAIT, 0);
	uint32_t child = pid > 0 ? child_of(pid) : 0;

	request.object = child ? control->world.processes[child].object : 0;
	request.argument = (options & WNOHANG ? MODEL_WAIT_NOHANG : 0) | (keep ? MODEL_WAIT_KEEP : 0);
	request.flags |= REQUEST_INTERRUPT;
	int64_t error = stranger_wait(&request);
	return error ? -error : (int64_t)task_self()->pending.second;
}

pid_t process_wait(pid_t pid, int *status, int options, void *usage)
{
	if ((pid > 0 && child_of(pid) == 0) || !has_children())
		return genuine_wait4_raw(pid, status, options, usage);
	int64_t found = wait_model(pid, options, false);
	if (found < 0)
		return call_error((int)-found);
	if (found == 0)
		return 0;
	return genuine_wait4_raw(control->world.processes[found].pid, status, options & ~WNOHANG, usage);
}

INTERPOSE(pid_t, wait, (int *status), (status))
{
	return process_wait(-1, status, 0, NULL);
}

INTERPOSE(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
{
	return process_wait(pid, status, options, NULL);
}

INTERPOSE(pid_t, wait3, (int *status, int options, struct rusage *usage), (status, options, usage))
{
	return process_wait(-1, status, options, usage);
}

INTERPOSE(pid_t, wait4, (pid_t pid, int *status, int options, struct rusage *usage), (pid, status, options, usage))
{
	return process_wait(pid, status, options, usage);
}

static int raw_waitid(idtype_t type, id_t id, siginfo_t *information, int options)
{
	long result = sys_call(SYS_waitid, type, id, (long)information, options, 0, 0);

	point_ensure();
	return result < 0 ? call_error((int)-result) : 0;
}

INTERPOSE(int, waitid, (idtype_t type, id_t id, siginfo_t *information, int options), (type, id, information, options))
{
	if (!(options & WEXITED) || !has_children() || (type == P_PID && child_of((pid_t)id) == 0))
		return raw_waitid(type, id, information, options);
	int64_t found = wait_model(type == P_PID ? (pid_t)id : -1, options, options & WNOWAIT);
	if (found < 0)
		return call_error((int)-found);
	if (found == 0) {
		if (information)
			information->si_pid = 0;
		return 0;
	}
	return raw_waitid(P_PID, (id_t)control->world.processes[found].pid, information, options & ~WNOHANG);
}
