/*
 * The death of a process or of a task: what it held and what its parent sees. What it had open is another matter: who
 * can't say so calls retry_all.
 */
#ifndef RACE_SHARED_DEATH_H
#define RACE_SHARED_DEATH_H

#include "world.h"

/* Applies the death of a task to every model; it is ENDED then. Nothing when it was. */
void death_of_task(struct world *world, struct task *task);

/* The same for all tasks of a process, and for the process itself; `status` as wait() gives it. */
void death_of_process(struct world *world, uint32_t process, int status);

#endif
