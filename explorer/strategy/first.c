/* One execution in which nobody is preempted: what the program does when it is left alone. */
#include <stdlib.h>

#include "strategy.h"

struct first {
	uint64_t seed;
	uint16_t chooser;
	bool handed_out;
};

static void *first_open(const struct strategy_options *options)
{
	struct first *first = calloc(1, sizeof(*first));
	if (!first)
		return NULL;
	first->seed = options->seed;
	first->chooser = strategy_chooser(options, CHOOSER_FIRST);
	return first;
}

static enum strategy_next first_next(void *state, struct plan_draft *draft)
{
	struct first *first = state;
	if (first->handed_out)
		return STRATEGY_DONE;
	first->handed_out = true;
	draft->plan.seed = first->seed;
	draft->plan.chooser = first->chooser;
	draft->plan.max_steps = LIMIT_STEPS;
	return STRATEGY_READY;
}

static void first_learn(void *state, uint64_t number, const struct trace *trace, bool found)
{
	(void)state;
	(void)number;
	(void)trace;
	(void)found;
}

static void first_exhaustion(const void *state, struct exhaustion *out)
{
	(void)state;
	*out = (struct exhaustion){.what = "sync points", .bound = BOUND_NONE, .fraction_left = -1};
}

const struct strategy strategy_first = {
	.name = "first",
	.help = "one execution without preemption",
	.open = first_open,
	.next = first_next,
	.learn = first_learn,
	.exhaustion = first_exhaustion,
	.close = free,
};
