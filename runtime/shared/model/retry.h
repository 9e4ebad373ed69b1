/*
 * Operations that the kernel decides (ACT_RETRY): reads and writes of pipes, polls, locks on files, and waits for
 * children that are not controlled.
 *
 * What a pipe holds and who has its ends is known to the kernel alone: stdio reads and writes inside the C library,
 * fork copies descriptors, exec and death close them. So the model counts nothing. A task asks the kernel whether its
 * operation can be done; when not, it announces it as asked (retry_block) and is blocked until
 *
 *   - some task has done something to the objects it waits for: their versions differ; or
 *   - nobody is enabled, and something has happened since it asked that the models may not have seen: it may ask
 *     again (retry_is_due). Asking in vain is no such happening, so that a circle of waiting tasks is a deadlock after
 *     each has asked once more.
 *
 * Then it asks the kernel again. When nobody else can go and somebody who is not controlled could end its wait, it is
 * let go to sleep in the kernel (retry_may_sleep).
 */
#ifndef RACE_SHARED_RETRY_H
#define RACE_SHARED_RETRY_H

#include <stdbool.h>

#include "../world.h"

/*
 * Marks a request as asked in vain, at this moment. Of the argument of operations on channels and of FILE_LOCK the lowest
 * eight bits are left alone, of others all.
 */
void retry_block(const struct world *world, struct request *request);

/* Not asked yet, or something has been done to its objects since. */
bool retry_is_enabled(const struct world *world, const struct request *request);

/* Blocked, but something has happened since it asked. */
bool retry_is_due(const struct world *world, const struct task *task);

/* Blocked, and somebody may end its wait who is not controlled. */
bool retry_may_sleep(const struct world *world, const struct task *task);

/* Whatever a task waits for may have changed: a process was ended and could not say what it had open. */
void retry_all(struct world *world);

#endif
