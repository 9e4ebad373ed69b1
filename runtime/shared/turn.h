/*
 * The turn: who goes next. Follows the plan's prefix, then its chooser. Pure: the same world and plan give the same
 * answer in the target and in a unit test.
 *
 * The alternatives of a choice are the tasks that are READY or RETURNED and enabled, and those whose time-out could end
 * their wait instead. When none is enabled, those who wait for what the kernel decides may ask it again (model/retry.h);
 * when that is in vain the virtual clock jumps to the next deadline.
 *
 * Yields are fair as in Musuvathi and Qadeer, "Fair stateless model checking" (PLDI 2008): a task that yields again
 * without the others having had their share in between goes on only after them (task.after); sleepers count among the
 * others, so that a task which polls lets time pass. A task is never held back by its first yield, and never by one
 * that is held back by it: nothing is lost, and somebody can always go.
 *
 * The caller counts steps, choices and preemptions (world.nsteps, .nchoices, .npreemptions), after each answer.
 * Operations that are no scheduling points (marks, guarded ones that need not block) are not put to the turn.
 *
 * Directives: a DIRECTIVE_TAKE answers one choice with more than one alternative. A DIRECTIVE_RUN lasts until its task
 * has announced operation `value`, has ended, or has run and can't go on; while there is one alternative it waits.
 */
#ifndef RACE_SHARED_TURN_H
#define RACE_SHARED_TURN_H

#include "choice.h"
#include "plan.h"
#include "world.h"

enum turn_verdict {
	TURN_GO,        /* decision.task goes next */
	TURN_DEADLOCK,  /* nobody is enabled, no timer is pending, nobody has lapsed */
	TURN_NOBODY,    /* nobody is enabled but some task has lapsed: wait for its return */
	TURN_DIVERGED,  /* PLAN_STRICT and the directive at world->cursor cannot be met */
	TURN_ASK,       /* PLAN_ASK: the explorer decides (then turn_take); the decision is what the chooser proposes */
	TURN_LIMIT,     /* plan.max_steps reached, or turn_is_livelock() */
	TURN_ENDED,     /* no live task is left */
};

struct decision {
	uint32_t task;        /* who goes */
	bool timeout;         /* by its time-out, although others are enabled or its operation is not */
	bool forced;          /* by a directive */
	uint32_t cost;        /* 1 for a preemption, or for a time-out taken while others are enabled; else 0 */
	uint32_t nalternatives;
	uint32_t nenabled, ntimed; /* of them: members of the sets */
	/* of the sets, as many words as the world has tasks for (world_words); with PLAN_ASK all of them */
	struct task_set enabled; /* tasks whose operation can complete now */
	struct task_set timed;   /* tasks that could go by their time-out instead (early.h) */
	struct task_set waiting; /* those, and those whose time-out would come too early */
};

/*
 * Decides who goes after `current` has announced its operation (current is 0 when it has just ended). Advances the
 * virtual clock when only timers are left, and to the deadline of a time-out that is taken. Changes of tasks only the
 * flags TASK_EXPIRED and TASK_YIELDED, priorities, the fields of fairness, and what early.h, suspension.h and crowd.h
 * say.
 */
enum turn_verdict turn_next(struct world *world, const struct plan *plan, const struct directive *prefix,
	uint32_t current, struct decision *decision);

/*
 * Fills in the decision, as turn_next left it, for an answer of the explorer, who may take a time-out of decision.waiting,
 * too. False when that is no alternative.
 */
bool turn_take(struct world *world, const struct plan *plan, uint32_t current, uint32_t task, bool timeout,
	struct decision *decision);

/*
 * Picks a value in 0..n-1 for a choice of another kind made by `task`; `normal` is what happens by default.
 * Returns n when the plan is strict and its next directive cannot be met.
 */
uint32_t turn_choose(struct world *world, const struct plan *plan, const struct directive *prefix,
	uint16_t kind, uint32_t task, uint32_t n, uint32_t normal);

/*
 * Time passes for a task that waits by looking at the clock: a span, but not beyond the earliest deadline. Waits that
 * end with it can go on.
 */
void turn_pass(struct world *world, uint64_t span_ns);

/*
 * Have tasks been yielding to each other without any other step for 1000 rounds, or repeating the same steps for longer
 * (rounds.h)? Then TURN_LIMIT is a livelock, unless a task has lapsed or threads are not controlled, which may be what
 * they wait for.
 */
bool turn_is_livelock(const struct world *world);

/* Prepares choosers for a new execution: generator, priorities, change points. Call after world_reset. */
void turn_open(struct world *world, const struct plan *plan);

/*
 * The same for a world that has come to where others have come, by steps of its first task without alternatives: what
 * the chooser and the prefix would have made of those steps.
 */
void turn_resume(struct world *world, const struct plan *plan, const struct directive *prefix);

#endif
