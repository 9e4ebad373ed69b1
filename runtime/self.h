/*
 * What one kernel thread knows of itself. Initial-exec thread-local storage: valid from the first instruction of a
 * thread, never allocated.
 *
 * `inside` is set while our own code runs: interposed functions that are called then go straight to the genuine ones.
 * It is cleared around calls that may run code of the program (callbacks, constructors) or of a library whose calls
 * the models must see.
 */
#ifndef RACE_SELF_H
#define RACE_SELF_H

#include <stdint.h>

#include "shared/world.h"

struct self {
	uint16_t task;     /* index in the world; 0: not ours */
	uint32_t task_at;  /* offset of its row in the world's */
	uint16_t inside;
	uint16_t guarded;  /* depth of library calls that offer no choice */
	uint16_t handling; /* number of the signal that it raises for itself, 0: none */
	int error;         /* errno that the interposed call leaves behind */
	uint64_t site;     /* return address of the interposed call being executed */
	uint32_t connected; /* row of the session that it has connected last, and not slept since; 0: none */
	uint64_t routine;  /* function of the program that our own code called last, see INTERPOSE_CALLER */
	uint8_t loading;   /* inside dlopen or dlclose, as far as is known; see loader.h */
	uint8_t uncancellable; /* the program has disabled cancellation, or it has been acted upon */
	uint8_t asynchronous;  /* the program allows cancellation at any time; the genuine type stays deferred */
};

extern __thread struct self self;

/* The calling thread is this task from now on; 0: none of ours. */
static inline void self_be(uint32_t task)
{
	self.task = (uint16_t)task;
	self.task_at = task * (uint32_t)sizeof(struct task);
}

#endif
