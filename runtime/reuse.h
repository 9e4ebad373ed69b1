/*
 * How the next execution starts. A way is a struct here, a row in reuse.c, and the name that --reuse gives it (control.h,
 * tools/options.c); who runs the program asks nothing else.
 *
 * exec: a fresh process, which runs one plan. fork: a server before main forks a child for each (forkserver.h). restore:
 * the same, and a child that creates a thread stays what it was then (snapshot.h); it runs the plans that follow as long
 * as what they do can be undone.
 */
#ifndef RACE_REUSE_H
#define RACE_REUSE_H

#include "shared/control.h"

struct reuse_way {
	/* Before main: returns wherever the program is to be run, with world and slot ready for task_start. */
	void (*start)(void);
	/*
	 * The first thread is about to be created, with these attributes; again before others. Returns at once, or once for
	 * each execution that goes on from here.
	 */
	void (*offer)(const void *attributes);
	/* The execution ends with this status, as wait() has it; returns when the process is to end as always. */
	void (*leave)(int status);
};

extern const struct reuse_way reuse_exec, reuse_fork, reuse_restore;

/* The way of this process: what the campaign had when it was first asked. */
const struct reuse_way *reuse_current(void);

#endif
