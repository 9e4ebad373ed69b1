#include "leftover.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proxy.h"

enum { MOST_NAMED = 8 };

static uint32_t nprocesses(const struct world *world)
{
	return world->nprocesses < LIMIT_PROCESSES ? world->nprocesses : LIMIT_PROCESSES - 1;
}

bool leftover_any(const struct control *control)
{
	const struct world *world = &control->world;

	for (uint32_t i = 2; i <= nprocesses(world); i++)
		if (world->processes[i].state == PROCESS_LIVE)
			return true;
	return false;
}

bool leftover_serve(struct control *control)
{
	const struct world *world = &control->world;

	if (world->nprocesses > 0 && world->processes[1].state == PROCESS_LIVE &&
		proxy_died(control, 1, control->main_status) == PROXY_NOBODY)
		return false;
	if (__atomic_load_n(&control->attention, __ATOMIC_ACQUIRE) & ATTENTION_STUCK)
		return false;
	return world->outcome == OUTCOME_NONE && leftover_any(control);
}

static uint32_t first_task(const struct world *world, uint32_t process)
{
	for (uint32_t id = 1; id <= world->ntasks && id < LIMIT_TASKS; id++)
		if (world->tasks[id].process == process)
			return id;
	return 0;
}

void leftover_note(struct control *control)
{
	const struct world *world = &control->world;
	uint32_t nnamed = 0;

	for (uint32_t i = 2; i <= nprocesses(world) && nnamed < MOST_NAMED; i++) {
		if (world->processes[i].state != PROCESS_LIVE)
			continue;
		uint32_t task = first_task(world, i);
		proxy_note(control, task, UNCONTROLLED_LEFTOVER, world->tasks[task].pending.site,
			world->tasks[task].name);
		nnamed++;
	}
}

static bool is_known(const struct world *world, pid_t pid)
{
	for (uint32_t i = 1; i <= nprocesses(world); i++)
		if (world->processes[i].pid == pid)
			return true;
	return false;
}

void leftover_note_stray(void *state, pid_t pid)
{
	struct control *control = state;
	const struct world *world = &control->world;
	char path[64], name[32] = "";

	if (is_known(world, pid) || (world->uncontrolled & 1u << UNCONTROLLED_LEFTOVER))
		return;
	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, name, sizeof name - 1);
	name[length > 0 ? length : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
	proxy_note(control, 0, UNCONTROLLED_LEFTOVER, 0, name);
}

void leftover_forget(struct control *control)
{
	struct world *world = &control->world;

	for (uint32_t i = 1; i <= nprocesses(world); i++)
		world->processes[i].state = PROCESS_REAPED;
	world->running = 0;
	control->main_ended = 1;
}
