#include "crowd.h"

#include "model/model.h"

static bool may_join(const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	return (op_info(request->op)->flags & ACT_ALIKE) && !(request->flags & (REQUEST_TIMED | REQUEST_HOLD)) &&
		task->state == TASK_READY && task->first_seen != 0 && (task->signals & ~task->signal_mask) == 0 &&
		world->objects[request->object].owner != task->id;
}

/* Theirs, or a free one; 0: there is none. */
static uint8_t crowd_for(const struct world *world, const struct request *request)
{
	uint8_t unused = 0;
	for (uint8_t id = 1; id <= CROWDS; id++) {
		const struct crowd *crowd = &world->crowds[id];
		if (crowd->count > 0 && crowd->object == request->object && crowd->op == request->op)
			return id;
		if (crowd->count == 0)
			unused = id;
	}
	return unused;
}

void crowd_join(struct world *world, struct task *task)
{
	uint8_t id = may_join(world, task) ? crowd_for(world, &task->pending) : 0;
	struct crowd *crowd = &world->crowds[id];
	if (id == 0)
		return;
	if (crowd->count++ == 0) {
		world->ncrowds++;
		crowd->object = task->pending.object;
		crowd->op = task->pending.op;
		crowd->last_seen = 0;
	}
	task_set_add(&crowd->members, task->id);
	task_set_add(&world->crowded, task->id);
	task->crowd = id;
	task->joined = world->nsteps + 1;
}

void crowd_remove(struct world *world, struct task *task)
{
	struct crowd *crowd = &world->crowds[task->crowd];
	task->last_seen = crowd_last_seen(world, task);
	task_set_remove(&crowd->members, task->id);
	task_set_remove(&world->crowded, task->id);
	task->crowd = 0;
	if (--crowd->count == 0)
		world->ncrowds--;
}

void crowd_disband(struct world *world)
{
	if (world->ncrowds == 0)
		return;
	for (uint32_t id = 1; id <= world->ntasks; id++)
		crowd_leave(world, &world->tasks[id]);
}

static bool may_go(const struct world *world, const struct crowd *crowd)
{
	return model_enabled(world, &world->tasks[world_nth(world, &crowd->members, 0)]);
}

uint32_t crowd_survey(struct world *world, struct task_set *enabled)
{
	uint32_t n = 0;
	if (world->ncrowds == 0)
		return 0;
	for (uint32_t id = 1; id <= CROWDS; id++) {
		struct crowd *crowd = &world->crowds[id];
		if (crowd->count == 0 || !may_go(world, crowd))
			continue;
		crowd->last_seen = world->nsteps + 1;
		n += crowd->count;
		for (uint32_t i = 0; i < world_words(world); i++)
			enabled->words[i] |= crowd->members.words[i];
	}
	return n;
}
