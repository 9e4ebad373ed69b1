#include "watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proxy.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void watch_open(struct watch *watch, uint64_t timeout_ns)
{
	*watch = (struct watch){.timeout_ns = timeout_ns, .since_ns = now_ns()};
}

static ssize_t read_proc(int pid, int tid, const char *name, char *buffer, size_t nbytes)
{
	char path[96];

	snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t length = read(fd, buffer, nbytes - 1);
	close(fd);
	buffer[length > 0 ? length : 0] = '\0';
	return length;
}

/* The kernel's state letter of a thread; 'X' when it is gone. */
static char state_of(int pid, int tid)
{
	char buffer[512];

	if (read_proc(pid, tid, "stat", buffer, sizeof buffer) <= 0)
		return 'X';
	const char *end = strrchr(buffer, ')');
	return end && end[1] == ' ' ? end[2] : 'X';
}

/* How often it has been switched out: unchanged means that it has slept all along. */
static uint64_t switches_of(int pid, int tid)
{
	char buffer[2048];
	uint64_t sum = 0;

	if (read_proc(pid, tid, "status", buffer, sizeof buffer) <= 0)
		return 0;
	for (const char *at = buffer; (at = strstr(at, "voluntary_ctxt_switches:")) != NULL; at++)
		sum += strtoull(at + strlen("voluntary_ctxt_switches:"), NULL, 10);
	return sum;
}

static bool progressed(struct watch *watch, const struct world *world)
{
	if (watch->nsteps == world->nsteps && watch->running == world->running && watch->trace_bytes == world->trace_bytes)
		return false;
	watch->nsteps = world->nsteps;
	watch->running = world->running;
	watch->trace_bytes = world->trace_bytes;
	watch->since_ns = now_ns();
	watch->asleep_ns = 0;
	return true;
}

static enum watch_verdict over(struct control *control, enum outcome outcome)
{
	if (control->world.outcome == OUTCOME_NONE)
		control->world.outcome = outcome;
	return WATCH_OVER;
}

static enum watch_verdict look_asleep(struct watch *watch, struct control *control, const struct task *task, int pid)
{
	uint64_t switches = switches_of(pid, task->tid), now = now_ns();

	if (watch->asleep_ns == 0 || switches != watch->switches) {
		watch->asleep_ns = now;
		watch->switches = switches;
		return WATCH_FINE;
	}
	if (now - watch->asleep_ns < WATCH_SLEEP_NS)
		return WATCH_FINE;
	watch->asleep_ns = 0;
	return proxy_lapse(control, task->id, UNCONTROLLED_LAPSE) == PROXY_NOBODY ? WATCH_OVER : WATCH_FINE;
}

/* The main process's death is noticed by whoever waits for it; a child's is noticed here. */
static enum watch_verdict look_dead(struct control *control, const struct task *task)
{
	if (task->process <= 1)
		return WATCH_FINE;
	/* how it died is known to its parent's wait; a killed process is by far the likeliest */
	return proxy_died(control, task->process, 9) == PROXY_NOBODY ? WATCH_OVER : WATCH_FINE;
}

enum watch_verdict watch_look(struct watch *watch, struct control *control)
{
	struct world *world = &control->world;
	uint32_t running = __atomic_load_n(&world->running, __ATOMIC_ACQUIRE);

	if (progressed(watch, world))
		return WATCH_FINE;
	if (now_ns() - watch->since_ns > watch->timeout_ns)
		return over(control, OUTCOME_HANG);
	if (running == 0 || running > world->ntasks)
		return WATCH_FINE;
	const struct task *task = &world->tasks[running];
	int pid = world->processes[task->process].pid;
	if (pid <= 0 || task->tid <= 0 || task->state != TASK_RUNNING)
		return WATCH_FINE;
	switch (state_of(pid, task->tid)) {
	case 'S':
		return look_asleep(watch, control, task, pid);
	case 'Z':
	case 'X':
		return look_dead(control, task);
	default:
		watch->asleep_ns = 0;
		return WATCH_FINE;
	}
}
