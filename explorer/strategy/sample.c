#include "sample.h"

#include <stdlib.h>

/* Depths that pct goes through when none is given: most bugs need two or three ordering constraints. */
enum { FIRST_DEPTH = 2, NDEPTHS = 3, GUESSED_LENGTH = 100 };

struct sample {
	uint64_t seed, max_executions, nplans;
	uint32_t depth, longest;
	uint16_t chooser;
};

void *sample_open(const struct strategy_options *options, uint16_t chooser)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	if (!sample)
		return NULL;
	sample->seed = options->seed;
	sample->max_executions = options->max_executions;
	sample->depth = options->depth;
	sample->chooser = chooser;
	return sample;
}

/* The plan with this number when `nplans` were made before. */
static bool plan(const struct sample *sample, uint64_t nplans, struct plan_draft *draft)
{
	if (sample->max_executions && nplans >= sample->max_executions)
		return false;
	draft->plan.seed = sample->seed; /* the program draws the same: only who runs differs */
	draft->plan.choices = strategy_mix(sample->seed, draft->plan.number);
	draft->plan.chooser = sample->chooser;
	draft->plan.max_steps = strategy_steps(sample->longest);
	if (sample->chooser == CHOOSER_PCT) {
		draft->plan.depth = sample->depth ? sample->depth : FIRST_DEPTH + (uint32_t)(nplans % NDEPTHS);
		draft->plan.length = sample->longest ? sample->longest : GUESSED_LENGTH;
	}
	return true;
}

enum strategy_next sample_next(void *state, struct plan_draft *draft)
{
	struct sample *sample = state;
	if (!plan(sample, sample->nplans, draft))
		return STRATEGY_DONE;
	sample->nplans++;
	return STRATEGY_READY;
}

bool sample_foresee(const void *state, uint32_t distance, struct plan_draft *draft)
{
	const struct sample *sample = state;
	return plan(sample, sample->nplans + distance - 1, draft);
}

void sample_learn(void *state, uint64_t number, const struct trace *trace, bool found)
{
	struct sample *sample = state;
	(void)number;
	(void)found;
	if (trace->result.outcome != OUTCOME_LIMIT && trace->result.nsteps > sample->longest)
		sample->longest = trace->result.nsteps;
}

void sample_exhaustion(const void *state, struct exhaustion *out)
{
	(void)state;
	*out = (struct exhaustion){.what = "sync points", .bound = BOUND_NONE, .fraction_left = -1};
}
