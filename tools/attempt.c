#include "attempt.h"

#include <stdio.h>
#include <string.h>

#include "command_line.h"
#include "debugging.h"
#include "library.h"
#include "options.h"
#include "schedule_file.h"
#include "search.h"

/* The command after `--`, else the one that the schedule names. NULL: a sentence was said. */
static char *const *find_command(struct invocation *invocation, const struct schedule *schedule, const char *path)
{
	uint32_t nwords = 0;
	char **words;

	if (invocation->target)
		return invocation->target;
	words = schedule->command ? command_line_split(invocation->pool, schedule->command, &nwords) : NULL;
	if (nwords)
		return words;
	fprintf(stderr, "race %s: %s names no command; say it: race %s %s -- COMMAND\n", invocation->command->name, path,
		invocation->command->name, path);
	return NULL;
}

static struct replay_options options_of(const struct invocation *invocation, const struct attempt *attempt,
	const char *library, bool pass)
{
	return (struct replay_options){
		.execution = {
			.command = attempt->command,
			.library = library,
			.pass_output = pass,
			.reuse = invocation->gdb ? REUSE_EXEC : options_reuse_of(invocation->reuse, REUSE_FORK),
			.carrier = invocation->gdb ? CARRIER_THREAD : options_carrier_of(invocation->carrier, CARRIER_THREAD),
			.debugger = invocation->gdb ? &attempt->debugger : NULL,
			.real_databases = invocation->real_databases,
			.servers = {.urls = invocation->db.items, .force = invocation->db_force,
				.keep_state = invocation->keep_state},
			.network = {.guarded = true, .hosts = invocation->allow_net.items},
			.timeout_ms = invocation->timeout_ms,
			.log = library_log(),
		},
		.schedule = attempt->schedule,
		.oracle = {.seed = invocation->seed, .serial = strcmp(invocation->oracle, "serial") == 0,
			.reads = invocation->reads, .ignores = invocation->ignore.items},
		.check = strcmp(invocation->oracle, "none") == 0 ? NULL : invocation->check,
		.seed = attempt->schedule->has_seed ? attempt->schedule->seed : 1,
		.best_effort = invocation->best_effort,
	};
}

int attempt_open(struct attempt *attempt, struct invocation *invocation, const char *path, bool pass)
{
	struct replay_options options;
	const char *library;
	int code = EXIT_INTERNAL;

	memset(attempt, 0, sizeof(*attempt));
	attempt->path = path;
	attempt->schedule = schedule_file_read(path);
	if (!attempt->schedule)
		return EXIT_USAGE;
	attempt->command = find_command(invocation, attempt->schedule, path);
	if (!attempt->command)
		return EXIT_USAGE;
	library = library_find(invocation->pool);
	if (!library)
		return EXIT_INTERNAL;
	if (invocation->gdb && (code = debugging_prepare(invocation, attempt->schedule, pass, &attempt->debugger)))
		return code;
	code = EXIT_INTERNAL;
	options = options_of(invocation, attempt, library, pass);
	attempt->replay = replay_open(&options, attempt->reason, sizeof(attempt->reason), &code);
	if (!attempt->replay) {
		fprintf(stderr, "race %s: %s\n", invocation->command->name, attempt->reason);
		return code;
	}
	attempt->symbolise = symbolise_open(replay_control(attempt->replay));
	replay_use_symbols(attempt->replay, symbolise_symbols(attempt->symbolise));
	return EXIT_CLEAN;
}

static void count(struct attempt *attempt, const struct replay_result *result)
{
	attempt->nidentical += result->verdict == REPLAY_IDENTICAL;
	attempt->nfollowed += result->verdict == REPLAY_FOLLOWED;
	attempt->nfound += result->found;
	if (result->verdict == REPLAY_DIVERGED && attempt->ndiverged++ == 0)
		memcpy(attempt->reason, result->reason, sizeof(attempt->reason));
}

int attempt_run(struct attempt *attempt, uint64_t times)
{
	char reason[sizeof(attempt->reason)] = "";
	int code = EXIT_INTERNAL, failed = 0;
	struct replay_result *result, later;
	uint64_t number;

	for (number = 0; !failed && number < times; number++) {
		result = number ? &later : &attempt->first;
		failed = replay_run(attempt->replay, number == 0, result, reason, sizeof(reason), &code);
		if (!failed)
			count(attempt, result);
		if (number)
			replay_result_clear(result);
	}
	if (!failed)
		return EXIT_CLEAN;
	memcpy(attempt->reason, reason, sizeof(reason));
	fprintf(stderr, "race: %s\n", reason);
	return code;
}

uint32_t attempt_tell(struct attempt *attempt, struct invocation *invocation, struct document *document)
{
	struct finding_list *findings = &attempt->first.findings;
	char *const *target = invocation->target;
	struct document_finding *entry;
	const char *line;
	uint32_t index;

	invocation->target = attempt->command;
	line = search_replay_line(invocation, attempt->path);
	invocation->target = target;
	for (index = 0; index < findings->n; index++) {
		entry = document_add(document, findings->items[index], attempt->first.trace, attempt->symbolise, line,
			invocation->literals);
		entry->schedule = pool_copy(document->pool, attempt->path);
		entry->nlines = attempt->schedule->nlines;
	}
	document_add_written(document, replay_control(attempt->replay));
	return findings->n;
}

const char *attempt_verdict(const struct attempt *attempt)
{
	if (attempt->ndiverged)
		return "diverged";
	return attempt->nfollowed ? "followed" : "identical";
}

void attempt_close(struct attempt *attempt)
{
	replay_result_clear(&attempt->first);
	symbolise_close(attempt->symbolise);
	replay_close(attempt->replay);
	schedule_close(attempt->schedule);
}
