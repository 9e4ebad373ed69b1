/*
 * What condition variables need of mutexes.
 */
#ifndef RACE_SHARED_MODEL_MUTEX_H
#define RACE_SHARED_MODEL_MUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include "../world.h"

/* Would a lock by this task complete now, if only with an error? */
bool mutex_is_free(const struct world *world, const struct task *task, uint32_t mutex);

/* Locks or tries to: 0, EBUSY, EDEADLK, EOWNERDEAD, ENOTRECOVERABLE. */
int64_t mutex_take(struct world *world, struct task *task, uint32_t mutex);

/* Gives back one level; as pthread_mutex_unlock. */
int64_t mutex_give(struct world *world, struct task *task, uint32_t mutex);

#endif
