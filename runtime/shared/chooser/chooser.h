/*
 * Choosers: which alternative next, where the prefix says nothing. Pure; state lives in the world (world.random,
 * task.priority), randomness comes from the plan's seed.
 *
 * A new one: a row in CHOOSERS (plan.h), a file here exporting a const struct chooser, a row in chooser.c.
 */
#ifndef RACE_SHARED_CHOOSER_H
#define RACE_SHARED_CHOOSER_H

#include "../plan.h"
#include "../turn.h"
#include "../world.h"

struct chooser {
	/* Once per execution, after world_reset. NULL: nothing to prepare. */
	void (*open)(struct world *world, const struct plan *plan);
	/*
	 * A task is about to make its step, by whatever means it was chosen; world.nsteps were made before. Priorities
	 * are 0 until a chooser first meets the task. NULL: not interested.
	 */
	void (*step)(struct world *world, struct task *task);
	/*
	 * Sets decision->task and ->timeout from decision->enabled and ->timed, of which at least two tasks in all
	 * are members. At least one is enabled. `current` is the task that announced, 0 when it ended.
	 */
	void (*choose)(struct world *world, const struct plan *plan, uint32_t current, struct decision *decision);
	/* A value choice; NULL: the default. */
	uint32_t (*value)(struct world *world, const struct plan *plan, uint16_t kind, uint32_t n, uint32_t normal);
};

const struct chooser *chooser_of(uint16_t id);

/* Below `limit`, which is not 0. */
uint32_t chooser_below(struct world *world, uint32_t limit);

/*
 * Time-outs, for choosers that draw lots: with a chance of 1 in `rarity` sets the
 * decision to one of the timed tasks and returns true.
 */
bool chooser_time_out(struct world *world, uint32_t rarity, struct decision *decision);

/* The enabled task with the highest priority; those met for the first time draw theirs from the upper half. */
uint32_t chooser_highest(struct world *world, const struct decision *decision);

/* The `value` of choosers that draw lots: whom to wake evenly, what is out of the ordinary rarely. */
uint32_t chooser_value(struct world *world, const struct plan *plan, uint16_t kind, uint32_t n, uint32_t normal);

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014): next value of the chooser's generator. */
uint64_t chooser_random(struct world *world);

extern const struct chooser chooser_first, chooser_serial, chooser_random_uniform, chooser_pct, chooser_pos;

#endif
