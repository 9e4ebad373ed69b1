#include <errno.h>

#include "model.h"

static bool is_wanted(const struct world *world, const struct task *task, uint32_t process)
{
	const struct process *child = &world->processes[process];
	if (child->parent != task->process || (child->state != PROCESS_LIVE && child->state != PROCESS_ZOMBIE))
		return false;
	return task->pending.object == 0 || task->pending.object == child->object;
}

/* The nth wanted child that has died, else 0. *nwanted: those that live, too. */
static uint32_t find_zombie(const struct world *world, const struct task *task, uint32_t nth, uint32_t *nwanted)
{
	uint32_t found = 0;
	*nwanted = 0;
	for (uint32_t id = 1; id <= world->nprocesses; id++) {
		if (!is_wanted(world, task, id))
			continue;
		++*nwanted;
		if (world->processes[id].state == PROCESS_ZOMBIE && (found == 0 || nth > 0)) {
			nth -= found != 0;
			found = id;
		}
	}
	return found;
}

static bool process_enabled(const struct world *world, const struct task *task)
{
	uint32_t nwanted;
	if (task->pending.op != OP_WAIT || (task->pending.argument & MODEL_WAIT_NOHANG))
		return true;
	return find_zombie(world, task, 0, &nwanted) != 0 || nwanted == 0;
}

static void reap(struct world *world, uint32_t id)
{
	struct process *child = &world->processes[id];
	struct object *parent = &world->objects[world->processes[child->parent].object];
	child->state = PROCESS_REAPED;
	if (parent->count > 0)
		parent->count--;
}

static int64_t process_apply(struct world *world, struct task *task)
{
	struct request *request = &task->pending;
	uint32_t nwanted;
	if (request->op != OP_WAIT)
		return 0;
	request->second = find_zombie(world, task, request->pick, &nwanted);
	if (nwanted == 0)
		return ECHILD;
	if (request->second != 0 && !(request->argument & MODEL_WAIT_KEEP))
		reap(world, request->second);
	return 0;
}

/* Children of the dead are nobody's, as far as the program can see. */
static void orphan_children(struct world *world, uint32_t process)
{
	for (uint32_t id = 1; id <= world->nprocesses; id++) {
		struct process *child = &world->processes[id];
		if (child->parent != process || child->state == PROCESS_FREE)
			continue;
		child->parent = 0;
		if (child->state == PROCESS_ZOMBIE)
			child->state = PROCESS_REAPED;
	}
}

void model_process_died(struct world *world, uint32_t process, int status)
{
	struct process *dead = &world->processes[process];
	const struct process *parent = &world->processes[dead->parent];
	orphan_children(world, process);
	if (process == 1) {
		world->main_ended_at = world->nsteps + 1;
		world->main_ended_ns = world->now_ns;
	}
	dead->status = status;
	dead->state = dead->parent != 0 && parent->state == PROCESS_LIVE ? PROCESS_ZOMBIE : PROCESS_REAPED;
	if (dead->state == PROCESS_ZOMBIE)
		world->objects[parent->object].count++;
}

const struct model model_process = {process_enabled, process_apply, NULL};
