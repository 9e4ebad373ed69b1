/*
 * THE scheduling point: the one door through which a task can lose its turn.
 *
 * A task announces what it is about to do; the turn goes where the plan says; when it comes back the operation is
 * enabled and is performed, on the model or by a genuine call. All functions are for the task that has the turn.
 */
#ifndef RACE_POINT_H
#define RACE_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/choice.h"
#include "shared/world.h"
#include "task.h"

/* Announces, performs on the model, records. Returns the model's result: 0, a positive errno, or a MODEL_ value. */
int64_t point(const struct request *request);

/* The same in two halves, around a genuine call: announce returns with the turn; done records what came of it. */
void point_announce(const struct request *request);
void point_done(int64_t result, uint64_t digest);

/* Applies the announced operation to its model without recording it; between announce and done. */
int64_t point_apply(void);

/* A value in 0..n-1; `normal` is what happens when nothing is forced. */
uint32_t point_choose(enum choice_kind kind, uint32_t n, uint32_t normal);

/* The same about an object that the task's operation does not name by itself: one of several descriptors. */
uint32_t point_choose_about(enum choice_kind kind, uint32_t object, uint32_t n, uint32_t normal);

/* The world has decided by itself, against what is normal (0): a schedule that is followed hears of it. */
void point_tell(enum choice_kind kind, uint32_t taken);

/* This task, which has lapsed, queues; returns with the turn. */
void point_return(void);

/*
 * This task may have lapsed while it was in a genuine call: others ran meanwhile. Returns with the turn. To be called
 * before the world is touched after anything that can sleep in the kernel.
 */
static inline void point_ensure(void)
{
	if (__builtin_expect(__atomic_load_n(&task_self()->state, __ATOMIC_ACQUIRE) == TASK_LAPSED, 0))
		point_return();
}

/* The task has ended (its EXIT is announced and performed here): the turn goes on, the caller runs out unscheduled. */
void point_exit_task(uint64_t exit_value);

/* The process has ended: as above for all its tasks. Returns false when nobody is left to have the turn. */
bool point_exit_process(int status);

/*
 * This task goes on outside our control (an image that can't be controlled): it counts as lapsed, and the turn goes to
 * others if it had it. Should it come back, point_ensure queues it.
 */
void point_leave(uint32_t task);

/* First moments of a task made by task_new: waits for the turn and performs BEGIN. */
void point_begin(void);

#endif
