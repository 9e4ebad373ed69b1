/*
 * Signals to a group of processes. The kernel's group holds others, too: the fork server, and what other executions have
 * left. So each process of this execution that is in the group is sent its own, the caller the last.
 */
#include "signal_group.h"

#include "call.h"

#include <signal.h>

#include "interpose.h"
#include "signal.h"
#include "sys.h"

static bool is_member(const struct process *process, pid_t group)
{
	return process->state == PROCESS_LIVE && sys_call3(SYS_getpgid, process->pid, 0, 0) == group;
}

int signal_group_kill(pid_t group, int number, int (*genuine)(pid_t, int))
{
	const struct world *world = &control->world;
	const struct process *own = &world->processes[control_process];
	uint32_t nprocesses = world->nprocesses, nmembers = 0; /* those that are made meanwhile are not meant */

	if (group == 0)
		group = (pid_t)sys_call3(SYS_getpgid, 0, 0, 0);
	bool meant = is_member(own, group);
	for (uint32_t i = 1; i <= nprocesses; i++) {
		if (i == control_process || !is_member(&world->processes[i], group))
			continue;
		nmembers++;
		if (number != 0)
			signal_kill(world->processes[i].pid, number);
	}
	if (nmembers == 0 && !meant) { /* nobody of ours */
		int result = genuine(-group, number);
		self.error = errno;
		return result;
	}
	return meant && number != 0 ? signal_kill(own->pid, number) : 0;
}

/* As kill() of the negative number, which the C library does without calling it. */
INTERPOSE(int, killpg, (pid_t group, int number), (group, number))
{
	if (group < 0)
		return call_error(EINVAL);
	return signal_kill(-group, number);
}
