/*
 * race completion: scripts that complete race's command line in a shell.
 */
#include <stdio.h>

#include "command.h"
#include "help.h"
#include "option_rows.h"
#include "shared/outcome.h"

static int completion(struct invocation *invocation)
{
	if (invocation->operands.n && help_completion(command_list(), invocation->operands.items[0], stdout) == 0)
		return EXIT_CLEAN;
	fputs("race completion: for which shell? bash, zsh or fish\n", stderr);
	return EXIT_USAGE;
}

static const struct option_row rows[] = {END};

const struct command command_completion = {
	.name = "completion",
	.summary = "Print a completion script for bash, zsh or fish",
	.usage = "bash|zsh|fish",
	.examples = "  race completion bash > /etc/bash_completion.d/race\n"
		"  race completion zsh > \"${fpath[1]}/_race\"\n"
		"  race completion fish > ~/.config/fish/completions/race.fish\n",
	.options = rows,
	.noperands = 1,
	.run = completion,
};
