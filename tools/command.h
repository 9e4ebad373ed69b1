/*
 * The subcommands. Each lives in cmd_<name>.c and returns the process's exit code.
 */
#ifndef RACE_TOOLS_COMMAND_H
#define RACE_TOOLS_COMMAND_H

#include "options.h"

extern const struct command command_completion, command_doctor, command_explore, command_gate, command_minimize,
	command_replay, command_report, command_run, command_together, command_watch;

/* All of them, sorted by name, NULL-ended. */
const struct command *const *command_list(void);

/* The one with this name, or NULL; and the name that is most like it, or NULL. */
const struct command *command_find(const char *name);
const char *command_nearest(const char *name);

#endif
