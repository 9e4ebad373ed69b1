#include "debugging.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "explorer/target.h"
#include "library.h"
#include "options.h"

const char *debugging_gdb(struct pool *pool)
{
	char *found = target_find("gdb");
	const char *path = found ? pool_copy(pool, found) : NULL;

	free(found);
	return path;
}

static int refuse_line(const struct invocation *invocation, const struct schedule *schedule)
{
	fprintf(stderr, "race %s: --stop-at %" PRIu64 ": the schedule has %u lines to follow\n",
		invocation->command->name, invocation->stop_at, schedule->nlines);
	return EXIT_USAGE;
}

int debugging_prepare(const struct invocation *invocation, const struct schedule *schedule, bool pass_output,
	struct debugger_options *options)
{
	bool last = invocation->stop_at == STOP_AT_LAST;

	if (!last && invocation->stop_at > schedule->nlines)
		return refuse_line(invocation, schedule);
	*options = (struct debugger_options){
		.program = debugging_gdb(invocation->pool),
		.script = library_script(invocation->pool),
		.commands = invocation->gdb_command.items,
		.stop_at = last ? schedule->nlines : (uint32_t)invocation->stop_at,
		.quiet_output = !pass_output,
	};
	if (!options->program)
		fprintf(stderr, "race %s: --gdb needs gdb, which is not in PATH (apt-get install gdb)\n",
			invocation->command->name);
	else if (!options->script)
		fprintf(stderr, "race %s: race.py, gdb's commands, is neither beside race nor in ../share/race from there\n",
			invocation->command->name);
	return options->program && options->script ? EXIT_CLEAN : EXIT_INTERNAL;
}
