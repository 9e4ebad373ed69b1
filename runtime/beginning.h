/*
 * The beginning of an execution, up to its first thread: what it left in the world, in the trace and on standard
 * output, in databases, and how much it read of standard input. It is the same
 * in every execution of a campaign as long as the plan has had no say in it.
 */
#ifndef RACE_BEGINNING_H
#define RACE_BEGINNING_H

#include <stdbool.h>

#include "shared/control.h"

/* Is there nothing else in such a plan's executions than in others? */
bool beginning_is_shared(const struct plan *plan);

/* Keeps the beginning of the current execution, in shared memory. False: it is not one that others share. */
bool beginning_save(void);

/* Has an execution left more than its trace: what the beginning printed, or other modules than it had loaded? */
bool beginning_differs(void);

/* Would an execution in this slot begin in the same way? */
bool beginning_suits(const struct slot *slot);

/* What the beginning printed is printed again, for an execution that goes on from behind it. */
void beginning_repeat_output(void);

/* The slot that was opened goes on where the beginning has ended. */
void beginning_load(void);

#endif
