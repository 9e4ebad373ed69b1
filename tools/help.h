/*
 * What the option tables say to people and shells.
 */
#ifndef RACE_TOOLS_HELP_H
#define RACE_TOOLS_HELP_H

#include <stdio.h>

#include "options.h"

/* The text of `race COMMAND --help`. */
void help_command(const struct command *command, FILE *out);

/* The text of `race --help`; `commands` ends with a NULL name. */
void help_overview(const struct command *const *commands, FILE *out);

/* A completion script for bash, zsh or fish; -1 when the shell is none of them. */
int help_completion(const struct command *const *commands, const char *shell, FILE *out);

#endif
