#include "leftover.h"

enum { MOST_STEPS = 20000 };
#define MOST_NS 60000000000ULL

bool leftover_is_over(const struct world *world)
{
	if (world->main_ended_at == 0)
		return false;
	return world->nsteps + 1 - world->main_ended_at > MOST_STEPS || world->now_ns - world->main_ended_ns > MOST_NS;
}

static bool is_lock(uint16_t kind)
{
	return kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK || kind == OBJECT_SPIN || kind == OBJECT_FILE_LOCK;
}

bool leftover_is_idle(const struct world *world)
{
	if (world->main_ended_at == 0)
		return false;
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		const struct task *task = &world->tasks[id];
		if (task->state == TASK_READY && is_lock(op_info(task->pending.op)->object_kind))
			return false;
	}
	return true;
}
