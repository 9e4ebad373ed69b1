/*
 * A replay under gdb: race starts the target, which waits before it begins; gdb attaches to it, sets a breakpoint on
 * librace.so's debugger_stop() and lets it go. race says when that is called, answers what tools/gdb/race.py asks, and
 * waits for gdb's end, so that the terminal is gdb's as long as it lives. When gdb leaves early the target goes on.
 *
 * race stays the target's parent, so its end is seen as usual. gdb is started without the preload.
 */
#ifndef RACE_EXPLORER_DEBUGGER_H
#define RACE_EXPLORER_DEBUGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "schedule.h"
#include "shared/control.h"

struct debugger_options {
	const char *program;         /* gdb's path */
	const char *script;          /* race.py's */
	const char *const *commands; /* NULL-ended: gdb executes these and leaves; NULL: it talks to the user */
	uint32_t stop_at;            /* line before which to stop, 1-based; 0: before the program begins */
	bool quiet_output;           /* standard output is not gdb's to write to: it writes to stderr */
};

struct debug_session {
	const struct debugger_options *options; /* NULL: nobody looks */
	pid_t pid;                  /* of gdb; 0: not started, or ended */
	bool failed;                /* it left without having attached, or can't be started */
	void (*interrupt)(int);     /* what race did on SIGINT, which is gdb's meanwhile */
};

/* Before the target is started. With NULL all functions below do nothing. */
void debugger_open(struct debug_session *session, const struct debugger_options *options, struct control *control,
	const struct follower *follower);

/* To be called often while the target runs. False: there will be no debugger; the execution is to be given up. */
bool debugger_look(struct debug_session *session, struct control *control, const struct follower *follower);

/* The follower has just answered a question. */
void debugger_note(const struct debug_session *session, struct control *control, const struct follower *follower);

/* The target has ended: waits until gdb has, too. False: the user killed it, so there is nothing to judge. */
bool debugger_wait(struct debug_session *session, const struct control *control);

/* Was it because of the debugger that there is no result? Then why, and the exit code to end with. */
bool debugger_explain(const struct debug_session *session, const struct control *control, char *reason,
	size_t reason_bytes, int *exit_code);

/* Ends gdb if it still lives. */
void debugger_close(struct debug_session *session);

#endif
