/*
 * Processes that outlive the main one. Some finish work of their own, others are there for ever: daemons that wait or
 * poll. They go on until nobody can, or for so many steps and so much virtual time. That those who are left wait for a
 * lock is a deadlock all the same; that they wait for anything else is what daemons do.
 */
#ifndef RACE_SHARED_LEFTOVER_H
#define RACE_SHARED_LEFTOVER_H

#include <stdbool.h>

#include "world.h"

/* The main process has ended, and the others have had their time. */
bool leftover_is_over(const struct world *world);

/* The main process has ended, nobody can go (TURN_DEADLOCK), and nobody waits for a lock. */
bool leftover_is_idle(const struct world *world);

#endif
