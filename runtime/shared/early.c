#include "early.h"

#include "world.h"

enum { IN_A_ROW = 4 };

/* Ten seconds, but for what passes between a look at the clock and the wait. */
#define FAR_NS 9000000000ULL
#define TOGETHER_NS 1000000000ULL

static uint64_t shorter(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

bool early_is_due(const struct world *world, const struct task *task)
{
	const struct request *request = &task->pending;
	uint64_t left_ns = request->deadline_ns > world->now_ns ? request->deadline_ns - world->now_ns : 0;

	if (request->deadline_ns >= task->since_ns + FAR_NS || (task->nearly >= IN_A_ROW && task->early_site == request->site))
		return false;
	return world->early_ns + shorter(left_ns, world->early_longest_ns) <= TOGETHER_NS;
}

/* Those who are patient have that much more time, if theirs is not up yet. */
static void extend(struct world *world, uint64_t span_ns)
{
	for (uint32_t id = 1; id <= world->ntasks; id++) {
		struct task *task = &world->tasks[id];
		struct request *request = &task->pending;
		if (task->state == TASK_READY && (request->flags & REQUEST_PATIENT) && !(task->flags & TASK_EXPIRED) &&
			request->deadline_ns + span_ns > world->now_ns)
			request->deadline_ns += span_ns;
	}
}

void early_take(struct world *world, struct task *task, uint64_t span_ns)
{
	task->nearly = task->early_site == task->pending.site ? task->nearly + 1 : 1;
	task->early_site = task->pending.site;
	world->early_ns += shorter(span_ns, world->early_longest_ns);
	if (span_ns > world->early_longest_ns)
		world->early_longest_ns = span_ns;
	extend(world, span_ns);
}

void early_end(struct task *task)
{
	const struct request *request = &task->pending;

	/* that the kernel has been asked again in vain is no end */
	if ((request->flags & REQUEST_TIMED) && request->site == task->early_site &&
		(!(op_info(request->op)->flags & ACT_RETRY) || (task->flags & TASK_EXPIRED)))
		task->nearly = 0;
}

void early_rest(struct world *world)
{
	world->early_ns = 0;
	world->early_longest_ns = 0;
}
