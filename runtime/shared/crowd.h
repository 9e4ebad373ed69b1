/*
 * Crowds: tasks that wait for one object by one operation (ACT_ALIKE), of whom all may go on or none may, the object's
 * owner aside. Of a crowd one is asked for all, so that a step costs no more where hundreds wait for a lock.
 *
 * A task joins when it is found waiting, unless a time-out may end its wait or there is a signal for it; it leaves when
 * something happens to it: it is chosen, cancelled, killed, or sent a signal. Whoever does that calls crowd_leave().
 * What is seen of a crowd (task.first_seen, last_seen) is written into its members when they leave.
 */
#ifndef RACE_SHARED_CROWD_H
#define RACE_SHARED_CROWD_H

#include "world.h"

/* Those that are about to wait and have been found unable to go on; nothing happens where they fit in no crowd. */
void crowd_join(struct world *world, struct task *task);

void crowd_remove(struct world *world, struct task *task);

static inline void crowd_leave(struct world *world, struct task *task)
{
	if (task->crowd != 0)
		crowd_remove(world, task);
}

/* All leave: whoever copies tasks finds everything in them. */
void crowd_disband(struct world *world);

/* Adds the members of all crowds that may go on to the set; returns how many those are. */
uint32_t crowd_survey(struct world *world, struct task_set *enabled);

/* task->last_seen as of now. */
static inline uint32_t crowd_last_seen(const struct world *world, const struct task *task)
{
	uint32_t last_seen = world->crowds[task->crowd].last_seen;

	return task->crowd != 0 && last_seen >= task->joined ? last_seen : task->last_seen;
}

#endif
