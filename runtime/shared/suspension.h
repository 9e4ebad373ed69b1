/*
 * Waits in which handlers of signals run. Who waits for a lock, a thread, a condition, a barrier or other signals
 * (ACT_HANDLERS) goes on waiting after a handler: no such call ends by a signal. So a task that can't complete its
 * operation, and has a signal that it does not block, is about to do another one instead, SIGNAL_DELIVER, which is
 * always enabled. Its turn runs the handlers; then it announces its wait again, as if nothing had been.
 *
 * Meanwhile others wake it at a condition or a barrier, so there it keeps its place. It has but one: in a handler that
 * waits at a condition itself no other handler runs.
 */
#ifndef RACE_SHARED_SUSPENSION_H
#define RACE_SHARED_SUSPENSION_H

#include <stdbool.h>

#include "world.h"

/* Has the task signals that it does not block? What is asked first, of each that waits. */
static inline bool suspension_is_likely(const struct task *task)
{
	return (task->signals & ~task->signal_mask) != 0;
}

/*
 * To be asked of a task that has announced what is not enabled. True: it is about to run handlers now, which the caller
 * records (TASK_SUSPENDED, world.nsuspended). Its wait is in task->suspended.
 */
bool suspension_begin(struct world *world, struct task *task);

/* The handlers have run: the wait that was suspended, as it has become meanwhile, is the task's again to announce. */
void suspension_end(struct task *task, struct suspension *wait);

/* What has been announced again is the wait that it was. */
void suspension_resume(struct task *task, const struct suspension *wait);

/* The task does not come back to where it keeps a place: it is dead, or has jumped out of the handler. */
void suspension_drop(struct world *world, struct task *task);

#endif
