/*
 * Carriers: what runs a task. The only difference between carriers is how control is transferred; everything that
 * decides who runs is shared, so that the same plan gives the same trace on each.
 */
#ifndef RACE_CARRIER_H
#define RACE_CARRIER_H

#include <stdint.h>

#include "shared/world.h"

struct carrier {
	const char *name;
	/* The turn goes from the caller (task `from`) to `to`; returns when `from` has been given it again. */
	void (*transfer)(uint32_t from, uint32_t to);
	/* The turn goes to `to`; the caller has ended or goes on without it. */
	void (*give)(uint32_t to);
	/* Waits until this task is given the turn (a new task, or one that lapsed). */
	void (*await)(uint32_t task);
};

extern const struct carrier carrier_thread;

/* The carrier of this process. */
const struct carrier *carrier_current(void);

#endif
