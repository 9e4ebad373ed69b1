/*
 * The choices of a trace, in order, and what else could have been taken at each, with what it would have cost.
 *
 * Costs are preemptions (Musuvathi and Qadeer, PLDI 2007): 1 for taking the turn from a task that could have gone on
 * and did not yield, and for a time-out while others are enabled; or delays (Emmi, Qadeer and Rakamaric, POPL 2011):
 * the number of enabled tasks that are passed over, going round from the one that the chooser FIRST takes. Of value
 * choices, whom to wake is free; anything else that is not normal costs 1.
 */
#ifndef RACE_EXPLORER_ALTERNATIVE_H
#define RACE_EXPLORER_ALTERNATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "strategy.h"

struct alternative {
	struct directive directive;
	uint32_t cost;
};

/* One choice of the trace. */
struct choice_point {
	uint32_t step;    /* index of the step, of value choices: into value_choices */
	bool is_value;
	uint32_t history; /* hash of the steps made before it, their results, and how many alternatives there are;
	                   * of values, the result of the step that they are chosen in is not known yet */
	uint16_t settled; /* the task that goes on for free: of delays, the one that FIRST takes; 0: none */
};

struct choice_points {
	const struct trace *trace;
	bool delays;
	uint32_t n;
	struct choice_point *items;
};

/* -1 when memory is short; choice_points_fini in any case. */
int choice_points_init(struct choice_points *points, const struct trace *trace, bool delays);
void choice_points_fini(struct choice_points *points);

/* What was taken at choice `index`. */
struct alternative choice_points_taken(const struct choice_points *points, uint32_t index);

/*
 * What could have been taken, the taken one included, in a fixed order: tasks by id, time-outs by id; values upwards.
 * Writes at most `max` and returns how many there are.
 */
uint32_t choice_points_all(const struct choice_points *points, uint32_t index, struct alternative *out, uint32_t max);

#endif
