/*
 * An expedition: a strategy at work on a toy program in the simulator, as a campaign would use it.
 */
#ifndef RACE_TESTS_EXPEDITION_H
#define RACE_TESTS_EXPEDITION_H

#include "explorer/strategy/strategy.h"
#include "simulator.h"

struct expedition {
	const struct strategy *strategy;
	struct strategy_options options;
	const struct simulator_program *program;
	uint32_t max;       /* executions, after which it stops */
	uint32_t in_flight; /* plans handed out before the first answer, 0: 1; answers then come youngest first */
	/* Sees each execution; its plan too. False: stop. May be NULL. */
	bool (*visit)(void *context, const struct trace *trace, const struct plan_draft *draft);
	void *context;
	/* results */
	uint32_t executions, distinct, nloops; /* nloops: calls of next */
	uint32_t outcomes[OUTCOME_COUNT];
	uint32_t first[OUTCOME_COUNT]; /* number of the first execution with that outcome, from 1; 0: none */
	uint32_t max_cost;             /* most preemptions in an execution */
	bool done;                     /* the strategy said so */
	struct exhaustion exhaustion;
};

/* Runs it to its end. */
void expedition_run(struct expedition *search);

/* The trace of one run of a plan. The caller closes it. */
struct trace *expedition_trace(const struct simulator_program *program, const struct plan *plan,
	const struct directive *prefix);

#endif
