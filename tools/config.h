/*
 * Settings that are not on the command line: race.ini, then the environment.
 *
 * race.ini is searched in the current folder and upward, to the folder that holds `.git` or to the root. Sections are
 * named after subcommands; [race] holds for all of them. Keys are long options without dashes:
 *
 *     [race]
 *     ignore = orders.updated_at
 *     [gate]
 *     budget = 2m
 *
 * Since it can name commands to run (check), a race.ini is only read when it belongs to the user, to root, or to the
 * owner of the current folder; another is left aside with a warning.
 *
 * The variable RACE_<COMMAND>_OPTIONS holds words such as `seed=7 budget=30s keep-going`, quoted like in a shell.
 */
#ifndef RACE_TOOLS_CONFIG_H
#define RACE_TOOLS_CONFIG_H

#include "invocation.h"

/* -1: something in them is wrong, and has been said. */
int config_read(struct invocation *invocation);

#endif
