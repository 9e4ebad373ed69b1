#include "beginning.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control.h"
#include "position.h"
#include "redirect.h"
#include "shared/turn.h"
#include "sys.h"

enum { MOST_STEPS = 1024, MOST_OUTPUT = 65536 };

static struct beginning {
	uint64_t seed, clock_start_ns;
	long input_at;       /* offset of standard input, negative: it has none */
	size_t noutput;
	char output[MOST_OUTPUT];
	struct position position;
} *beginning;

/* Stacks, answers and marks are more than a beginning has. */
bool beginning_is_shared(const struct plan *plan)
{
	return !(plan->flags & (PLAN_RICH | PLAN_ASK | PLAN_MARK | PLAN_FRESH));
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

void beginning_repeat_output(void)
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

	if (world->ntasks != 1 || world->tasks[1].nyields > 0 || (world->seen & SEEN_CHOICE) || world->nsteps > MOST_STEPS)
		return false;
	beginning = sys_map(NULL, sizeof *beginning, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);
	if (!beginning || !position_save(&beginning->position))
		return false;
	beginning->seed = plan->seed;
	beginning->clock_start_ns = plan->clock_start_ns;
	return save_streams() && redirect_keep();
}

bool beginning_differs(void)
{
	return beginning->noutput > 0 || control->nmodules != beginning->position.nmodules;
}

bool beginning_suits(const struct slot *slot)
{
	const struct world *world = position_world(&beginning->position);
	const struct plan *plan = &slot->plan;

	return world->trace_bytes < slot->trace_limit && beginning_is_shared(plan) && (!(world->seen & SEEN_RANDOM) || plan->seed == beginning->seed) &&
		(!(world->seen & SEEN_CLOCK) || plan->clock_start_ns == beginning->clock_start_ns);
}

void beginning_load(void)
{
	struct world *world = &control->world;
	const struct plan *plan = control_plan();

	position_load(&beginning->position);
	beginning_repeat_output();
	redirect_restore();
	turn_resume(world, plan, control_prefix());
}
