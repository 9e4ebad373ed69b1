/* simulator_enumerate: depth first through all answers, each run starting afresh. */
#include <stdlib.h>

#include "simulator.h"

enum { DEPTH = 4096 };

struct path {
	uint32_t length, at;
	uint32_t taken[DEPTH], n[DEPTH];
};

/* The nth alternative: first the enabled tasks, then the time-outs. */
static uint32_t alternative(const struct world *world, const struct decision *decision, uint32_t nth, bool *timeout)
{
	uint32_t nenabled = world_count(world, &decision->enabled);
	*timeout = nth >= nenabled;
	return *timeout ? world_nth(world, &decision->timed, nth - nenabled)
			: world_nth(world, &decision->enabled, nth);
}

static bool answer_choice(void *context, const struct world *world, const struct decision *decision, uint16_t kind,
	uint32_t n, uint32_t *answer, bool *timeout)
{
	struct path *path = context;
	uint32_t taken = 0;
	if (n > 1) {
		if (path->at == DEPTH)
			abort();
		if (path->at == path->length) {
			path->taken[path->length] = 0;
			path->n[path->length++] = n;
		}
		if (path->n[path->at] != n)
			abort(); /* the same answers led elsewhere */
		taken = path->taken[path->at++];
	}
	*answer = kind == CHOICE_TASK ? alternative(world, decision, taken, timeout) : taken;
	return true;
}

/* The next path in order; false: that was the last. */
static bool advance(struct path *path)
{
	while (path->length > 0 && path->taken[path->length - 1] + 1 == path->n[path->length - 1])
		path->length--;
	if (path->length == 0)
		return false;
	path->taken[path->length - 1]++;
	path->at = 0;
	return true;
}

uint32_t simulator_enumerate(struct simulator *simulator, const struct simulator_program *program, uint32_t max,
	bool (*visit)(void *context, const struct simulator *simulator, enum outcome outcome), void *context)
{
	struct path *path = calloc(1, sizeof(*path));
	struct simulator_program asking = *program;
	struct plan plan = simulator_plan(CHOOSER_FIRST, 0);
	uint32_t nruns = 0;
	if (path == NULL)
		abort();
	plan.flags = PLAN_ASK;
	asking.ask = answer_choice;
	asking.ask_context = path;
	do {
		enum outcome outcome = simulator_run(simulator, &asking, &plan, NULL);
		nruns++;
		if (visit != NULL && !visit(context, simulator, outcome))
			break;
	} while (nruns < max && advance(path));
	free(path);
	return nruns;
}
