#include "beginning.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "control.h"
#include "shared/turn.h"
#include "sys.h"

enum { MOST_OBJECTS = 4096, MOST_STEPS = 1024, MOST_BYTES = 1 << 20, NTASKS = 1, NPROCESSES = 1 };

static struct beginning {
	uint64_t seed, clock_start_ns;
	uint32_t nmodules;
	char head[offsetof(struct world, tasks)];
	struct task tasks[NTASKS + 1];
	struct process processes[NPROCESSES + 1];
	uint32_t object_hash[WORLD_BUCKETS];
	struct object objects[MOST_OBJECTS];
	uint32_t rounds[MOST_STEPS];
	char trace[MOST_BYTES];
} *beginning;

static char *trace_area(void)
{
	return (char *)control + control_slot()->trace_offset;
}

/* Stacks, answers and marks are more than a beginning has. */
bool beginning_is_shared(const struct plan *plan)
{
	return !(plan->flags & (PLAN_RICH | PLAN_ASK | PLAN_MARK | PLAN_FRESH));
}

static bool is_short(const struct world *world)
{
	return world->nobjects < MOST_OBJECTS && world->nsteps <= MOST_STEPS && world->trace_bytes <= MOST_BYTES;
}

bool beginning_save(void)
{
	const struct world *world = &control->world;
	const struct plan *plan = control_plan();

	if (world->ntasks != NTASKS || world->nprocesses != NPROCESSES || world->tasks[1].nyields > 0 ||
		(world->seen & SEEN_CHOICE) || !is_short(world))
		return false;
	beginning = sys_map(NULL, sizeof *beginning, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);
	if (!beginning)
		return false;
	beginning->seed = plan->seed;
	beginning->clock_start_ns = plan->clock_start_ns;
	beginning->nmodules = control->nmodules;
	memcpy(beginning->head, world, sizeof beginning->head);
	memcpy(beginning->tasks, world->tasks, sizeof beginning->tasks);
	memcpy(beginning->processes, world->processes, sizeof beginning->processes);
	memcpy(beginning->object_hash, world->object_hash, sizeof beginning->object_hash);
	memcpy(beginning->objects, world->objects, (world->nobjects + 1ul) * sizeof *world->objects);
	memcpy(beginning->rounds, world->rounds, world->nsteps * sizeof *world->rounds);
	memcpy(beginning->trace, trace_area(), world->trace_bytes);
	return true;
}

bool beginning_suits(const struct plan *plan)
{
	const struct world *world = (const struct world *)beginning->head;

	return beginning_is_shared(plan) && (!(world->seen & SEEN_RANDOM) || plan->seed == beginning->seed) &&
		(!(world->seen & SEEN_CLOCK) || plan->clock_start_ns == beginning->clock_start_ns);
}

void beginning_load(void)
{
	struct world *world = &control->world;
	const struct plan *plan = control_plan();

	memcpy(world, beginning->head, sizeof beginning->head);
	memcpy(world->tasks, beginning->tasks, sizeof beginning->tasks);
	memcpy(world->processes, beginning->processes, sizeof beginning->processes);
	memcpy(world->object_hash, beginning->object_hash, sizeof beginning->object_hash);
	memcpy(world->objects, beginning->objects, (world->nobjects + 1ul) * sizeof *world->objects);
	memcpy(world->rounds, beginning->rounds, world->nsteps * sizeof *world->rounds);
	memcpy(trace_area(), beginning->trace, world->trace_bytes);
	control->nmodules = beginning->nmodules;
	world->plan = plan->number;
	turn_resume(world, plan, control_prefix());
}
