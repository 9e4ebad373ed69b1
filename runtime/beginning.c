#include "beginning.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "shared/turn.h"
#include "sys.h"

enum { MOST_OBJECTS = 4096, MOST_STEPS = 1024, MOST_BYTES = 1 << 20, MOST_OUTPUT = 65536, NTASKS = 1, NPROCESSES = 1 };

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
	long input_at;       /* offset of standard input, negative: it has none */
	size_t noutput;
	char output[MOST_OUTPUT];
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

/* What was printed so far is printed again each time: race empties the file before each execution. */
static bool save_streams(void)
{
	struct stat status;

	beginning->input_at = sys_call3(SYS_lseek, 0, 0, SEEK_CUR);
	if (sys_call3(SYS_fstat, 1, (long)&status, 0) != 0 || !S_ISREG(status.st_mode))
		return true;
	if (status.st_size > MOST_OUTPUT)
		return false;
	long length = sys_call(SYS_pread64, 1, (long)beginning->output, MOST_OUTPUT, 0, 0, 0);
	beginning->noutput = length > 0 ? (size_t)length : 0;
	return true;
}

static void load_streams(void)
{
	if (beginning->input_at > 0)
		sys_call3(SYS_lseek, 0, beginning->input_at, SEEK_SET);
	if (beginning->noutput > 0)
		sys_write(1, beginning->output, beginning->noutput);
}

bool beginning_save(void)
{
	const struct world *world = &control->world;
	const struct plan *plan = control_plan();

	if (world->ntasks != NTASKS || world->nprocesses != NPROCESSES || world->tasks[1].nyields > 0 ||
		(world->seen & SEEN_CHOICE) || world->book.nrows > 0 || !is_short(world))
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
	return save_streams();
}

bool beginning_differs(void)
{
	return beginning->noutput > 0 || control->nmodules != beginning->nmodules;
}

bool beginning_suits(const struct slot *slot)
{
	const struct world *world = (const struct world *)beginning->head;
	const struct plan *plan = &slot->plan;

	return world->trace_bytes < slot->trace_limit && beginning_is_shared(plan) && (!(world->seen & SEEN_RANDOM) || plan->seed == beginning->seed) &&
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
	load_streams();
	world->plan = plan->number;
	turn_resume(world, plan, control_prefix());
}
