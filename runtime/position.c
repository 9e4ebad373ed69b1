#include "position.h"

#include <string.h>

#include "control.h"
#include "shared/crowd.h"

static char *trace_area(void)
{
	return (char *)control + control_slot()->trace_offset;
}

static bool has_room(const struct world *world)
{
	return world->nprocesses == 1 && world->ntasks <= POSITION_TASKS && world->nobjects < POSITION_OBJECTS &&
		world->trace_bytes <= POSITION_BYTES && world->book.nrows == 0;
}

static size_t rounds_bytes(const struct world *world)
{
	return (world->nsteps < ROUNDS_WINDOW ? world->nsteps : ROUNDS_WINDOW) * sizeof *world->rounds;
}

bool position_save(struct position *position)
{
	struct world *world = &control->world;

	if (!has_room(world))
		return false;
	crowd_disband(world);
	position->nmodules = control->nmodules;
	memcpy(position->modules, control->modules, (control->nmodules + 1ul) * sizeof *control->modules);
	memcpy(position->kinds, control->fiber_kinds, sizeof position->kinds);
	memcpy(position->head, world, sizeof position->head);
	memcpy(position->tasks, world->tasks, (world->ntasks + 1ul) * sizeof *world->tasks);
	memcpy(position->processes, world->processes, sizeof position->processes);
	memcpy(position->object_hash, world->object_hash, sizeof position->object_hash);
	memcpy(position->objects, world->objects, (world->nobjects + 1ul) * sizeof *world->objects);
	memcpy(position->rounds, world->rounds, rounds_bytes(world));
	memcpy(position->trace, trace_area(), world->trace_bytes);
	return true;
}

/* What executions have learned of threads since then is kept. */
static void load_kinds(const struct position *position)
{
	for (int i = 0; i < FIBER_KINDS; i++)
		control->fiber_kinds[i].used = position->kinds[i].used;
}

/* Of an empty world: only the chains that objects are in. */
static void load_hash(struct world *world, const struct position *position)
{
	for (uint32_t id = 1; id <= world->nobjects; id++) {
		uint32_t bucket = world_bucket(position->objects[id].process, position->objects[id].address);
		world->object_hash[bucket] = position->object_hash[bucket];
	}
}

void position_load(const struct position *position)
{
	struct world *world = &control->world;
	uint64_t plan = world->plan;

	memcpy(world, position->head, sizeof position->head);
	memcpy(world->tasks, position->tasks, (world->ntasks + 1ul) * sizeof *world->tasks);
	memcpy(world->processes, position->processes, sizeof position->processes);
	load_hash(world, position);
	memcpy(world->objects, position->objects, (world->nobjects + 1ul) * sizeof *world->objects);
	memcpy(world->rounds, position->rounds, rounds_bytes(world));
	memcpy(trace_area(), position->trace, world->trace_bytes);
	control->nmodules = position->nmodules;
	memcpy(control->modules, position->modules, (position->nmodules + 1ul) * sizeof *control->modules);
	load_kinds(position);
	world->plan = plan;
}
