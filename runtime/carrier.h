/*
 * Carriers: what runs a task. The only difference between carriers is how control is transferred; everything that
 * decides who runs is shared, so that the same plan gives the same trace on each.
 *
 * Tasks of one execution may be in several processes. Within a process they all have the same carrier; between
 * processes the turn is handed over by a futex, see world_turn_word().
 */
#ifndef RACE_CARRIER_H
#define RACE_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/control.h"

struct carrier {
	const char *name;
	/* A task can sleep in the kernel while others of its process go on. */
	bool parallel;
	/* Before executions are forked: makes ready what earlier ones needed. */
	void (*prepare)(void);
	/* A thread for a task made by task_new, as pthread_create; `attributes` is a pthread_attr_t or NULL. */
	int (*create)(unsigned long *thread, const void *attributes, void *(*routine)(void *), uint32_t task);
	/* The task has ended and the model let the caller join it. */
	int (*join)(unsigned long thread, uint32_t task, void **value);
	/* The running thread is that task from now on; called once for each task, and by forked children. */
	void (*adopt)(uint32_t task);
	/* The number by which the program knows the task's thread; of this process. */
	int (*tid)(uint32_t task);
	/* From now on threads may have signal stacks. */
	void (*keep_altstack)(void);
	/* The turn goes from the caller (task `from`) to `to`; returns when `from` has been given it again. */
	void (*transfer)(uint32_t from, uint32_t to);
	/* The turn goes to `to`; the caller has ended or goes on without it. */
	void (*give)(uint32_t to);
	/* Waits until this task is given the turn (a new task, or one that lapsed). */
	void (*await)(uint32_t task);
	/* The calling task has ended and handed on its turn; `last`: nobody is left in its process. */
	void (*end)(bool last);
};

extern const struct carrier carrier_thread, carrier_fiber;

/* The carrier of this process. */
const struct carrier *carrier_current(void);

/* Makes it the carrier of the process that the calling task belongs to. */
void carrier_open(void);

/*
 * What comes needs tasks that can sleep in the kernel while others of their process go on. Where the carrier has none,
 * the execution ends here, and race runs it again on threads.
 */
void carrier_require_parallel(enum carrier_loss why);

#endif
