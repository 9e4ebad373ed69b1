/*
 * What a process keeps of each task for itself, indexed by the task's number. It lies side by side because pages that are
 * written cost: a forked child copies them, a restored one puts them back. Each part has one owner, who alone writes it.
 */
#ifndef RACE_BERTH_H
#define RACE_BERTH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "fiber.h"
#include "shared/limits.h"

/* What a new thread is told. Owner: interpose/pthread_thread.c. */
struct parcel {
	void *(*routine)(void *);
	int (*c11_routine)(void *); /* instead, for thrd_create */
	void *argument;
};

/* A task on its fiber. Owner: carrier_fiber.c. */
struct carried {
	struct fiber fiber;
	void *(*routine)(void *);
	bool away, ended; /* it is not running; it never will again */
	uint64_t mask;    /* of signals, then */
	stack_t altstack; /* the same, once there are any */
};

struct berth {
	unsigned long handle; /* pthread_t. Owner: task.c */
	struct parcel parcel;
	struct carried carried;
};

extern struct berth berths[LIMIT_TASKS];

#endif
