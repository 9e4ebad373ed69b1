/*
 * Starting the target: preload, control descriptor, no address randomisation where that is allowed; Java interprets what
 * it runs, unless JAVA_TOOL_OPTIONS is set.
 */
#ifndef RACE_EXPLORER_SPAWN_H
#define RACE_EXPLORER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

struct spawn_options {
	const char *path;        /* executable */
	char *const *arguments;  /* NULL-ended, arguments[0] included */
	const char *library;     /* librace.so, absolute */
	int control_fd;          /* handed down under control_number */
	int control_number;
	int output_fd;           /* becomes stdout and stderr; -1: ours are kept */
	int input_fd;            /* becomes stdin; -1: ours is kept */
	const char *const *defaults; /* NULL-ended NAME=VALUE: variables that it gets unless we have them; NULL: none */
	bool own_session;
	bool debugged;           /* a debugger that is not its ancestor will attach */
};

/* The child's pid, or -1 with errno: what made fork or exec fail. */
pid_t spawn_target(const struct spawn_options *options);

/* In a child of race: signals are as a program expects them. */
void spawn_reset_signals(void);

/* A number under which a target can get the control descriptor: high, and not in use. -1: there is none. */
int spawn_control_number(void);

#endif
