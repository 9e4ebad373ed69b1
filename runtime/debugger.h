/*
 * Standing still for a debugger: before the program begins, where the schedule says, and before an execution ends at
 * our hands. Only the main process stands still: debuggers follow one process.
 */
#ifndef RACE_DEBUGGER_H
#define RACE_DEBUGGER_H

#include "control.h"

/* The breakpoint of tools/gdb/race.py. Called by its name only, by whoever is to stand still. */
void debugger_stop(void);

/* Before anything of the program runs: waits until the debugger has attached, should there be one. */
void debugger_wait(void);

/* This task goes on now: stops when that is due. */
static inline void debugger_pause(void)
{
	if (__builtin_expect(control->debugger.due, 0) && control_process == 1) {
		control->debugger.due = 0;
		control->debugger.paused = 1;
		debugger_stop();
		control->debugger.paused = 0;
	}
}

/* The execution is about to end with this outcome: a last look. */
void debugger_end(enum outcome outcome);

#endif
