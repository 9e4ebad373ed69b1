/*
 * Rounds: has the execution been repeating itself? A state that comes back makes a livelock; states are not compared,
 * but operations, their objects and places are, over a window that no loop with an end in sight fills.
 *
 * The verdict depends on the steps alone, never on the limits of a plan, so that a search, a minimizer and a replay
 * end the same execution at the same step.
 */
#ifndef RACE_SHARED_ROUNDS_H
#define RACE_SHARED_ROUNDS_H

#include <stdbool.h>

#include "world.h"

/* The task takes its turn: world->nsteps is the number of the step. */
void rounds_note(struct world *world, const struct task *task);

/*
 * Have the last ROUNDS_WINDOW steps been one round over and over, with a yield in it and no look at the clock? A task
 * that yields waits until those who could go have gone (turn.c), so nobody was merely kept from ending it. Looked at
 * only every 1024 steps.
 */
bool rounds_repeat(const struct world *world);

#endif
