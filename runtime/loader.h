/*
 * The dynamic loader's lock, as a model. The genuine one is held during dlopen and dlclose, and so while constructors
 * and destructors run, which may reach points; other tasks must not run into it meanwhile.
 *
 * Functions of the loader want to be called from where the program calls them, so we are gone when they return: whether
 * a task is still inside is seen from its stack, at its next interposed call. Until then it has the turn.
 */
#ifndef RACE_LOADER_H
#define RACE_LOADER_H

#include "self.h"

/* The calling task is about to enter dlopen or dlclose: waits until no other task is in there. */
void loader_enter(void);

/* It is about to call a function that takes the lock for a moment. */
void loader_wait(void);

/* If the task has entered and is not inside any more: it gives the lock back, and what is loaded now is looked at. */
void loader_leave(void);

static inline void loader_settle(void)
{
	if (__builtin_expect(self.loading, 0))
		loader_leave();
}

#endif
