#include "processor.h"

#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_NS = 100000000 };

void processor_begin(struct processor *processor, uint64_t now_ns)
{
	memset(processor, 0, sizeof *processor);
	processor->looked_ns = now_ns;
}

/* 0: the process is gone, and what it used since the last look with it. */
static uint64_t used_by(int pid)
{
	struct timespec used;
	clockid_t clock;

	if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

uint64_t processor_used(struct processor *processor, const struct control *control, uint64_t now_ns)
{
	const struct world *world = &control->world;

	if (now_ns - processor->looked_ns < PERIOD_NS)
		return processor->total_ns;
	processor->looked_ns = now_ns;
	for (uint32_t i = 1; i <= world->nprocesses && i < LIMIT_PROCESSES; i++) {
		if (world->processes[i].state != PROCESS_LIVE)
			continue;
		uint64_t used_ns = used_by(world->processes[i].pid);
		if (processor->seen_ns[i] == 0 && control->nrestored > 0)
			processor->seen_ns[i] = used_ns; /* it may have run other executions before this one */
		if (used_ns > processor->seen_ns[i])
			processor->total_ns += used_ns - processor->seen_ns[i];
		if (used_ns)
			processor->seen_ns[i] = used_ns;
	}
	return processor->total_ns;
}

uint32_t processor_pick(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) < 0 || CPU_COUNT(&set) == 0)
		return ~0u;
	int nth = getpid() % CPU_COUNT(&set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && nth-- == 0)
			return (uint32_t)cpu;
	return ~0u;
}
