/*
 * race replay: follows a schedule and says whether the failure occurred again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "command.h"
#include "option_rows.h"
#include "report/phrase.h"
#include "results.h"
#include "shared/outcome.h"

static FILE *talk(const struct invocation *invocation)
{
	return results_take_stdout(invocation) ? stderr : stdout;
}

/* "identical", "identical 1000 of 1000", "followed, trace differs": the first words of the result. */
static void say_verdict(const struct attempt *attempt, const struct invocation *invocation)
{
	uint64_t total = invocation->repeat;
	FILE *out = talk(invocation);

	if (total > 1) {
		fprintf(out, "identical %" PRIu64 " of %" PRIu64, attempt->nidentical, total);
		if (attempt->nfollowed)
			fprintf(out, ", followed with another trace %" PRIu64, attempt->nfollowed);
		if (attempt->ndiverged)
			fprintf(out, ", diverged %" PRIu64, attempt->ndiverged);
	} else if (attempt->ndiverged) {
		fputs("diverged", out);
	} else {
		fputs(attempt->nfollowed ? "followed, trace differs" : "identical", out);
	}
	if (attempt->nfound)
		fprintf(out, total > 1 ? ": the failure occurred %" PRIu64 " times" : ": the failure occurred",
			attempt->nfound);
	else if (!attempt->ndiverged)
		fputs(": followed, the failure did not occur", out);
	putc('\n', out);
	if (attempt->ndiverged)
		fprintf(stderr, "race replay: %s: %s\n", attempt->path, attempt->reason);
}

static int exit_code_of(const struct attempt *attempt)
{
	if (attempt->nfound)
		return EXIT_FINDINGS;
	return attempt->ndiverged ? EXIT_UNCONTROLLED : EXIT_CLEAN;
}

static void describe(struct document *document, struct invocation *invocation, struct attempt *attempt, int code)
{
	struct document_replay entry = {.schedule = attempt->path, .verdict = attempt_verdict(attempt),
		.message = attempt->reason, .found = attempt->nfound > 0};

	document->verdict = document_verdict(code == EXIT_FINDINGS ? VERDICT_FINDINGS :
		code == EXIT_UNCONTROLLED ? VERDICT_UNCONTROLLED : VERDICT_CLEAN);
	document->exit_code = invocation_exit(invocation, code);
	document->command = pool_copy(document->pool, attempt->schedule->command);
	document->executions = invocation->repeat;
	document->seed = attempt->schedule->has_seed ? attempt->schedule->seed : 1;
	document_add_replay(document, &entry);
}

static int tell(struct attempt *attempt, struct invocation *invocation, int code)
{
	struct document *document = document_open();
	int failed;

	attempt_tell(attempt, invocation, document);
	failed = results_write_text(invocation, document);
	describe(document, invocation, attempt, code);
	failed |= results_write_files(invocation, document);
	document_close(document);
	return failed ? EXIT_INTERNAL : code;
}

static int check_debugger(const struct invocation *invocation)
{
	if (!invocation->gdb && (invocation->stop_at != STOP_AT_LAST || invocation->gdb_command.n)) {
		fputs("race replay: --stop-at and --gdb-command are for --gdb\n", stderr);
		return EXIT_USAGE;
	}
	if (invocation->gdb && invocation->repeat > 1) {
		fputs("race replay: --gdb follows a schedule once; leave --repeat out\n", stderr);
		return EXIT_USAGE;
	}
	return EXIT_CLEAN;
}

static int replay(struct invocation *invocation)
{
	struct attempt attempt;
	bool pass = (invocation->repeat == 1 || invocation->show_output) && !results_take_stdout(invocation);
	int code;

	if (!invocation->operands.n || !invocation->repeat) {
		fputs("race replay: which schedule? race replay FILE [-- COMMAND]\n", stderr);
		return EXIT_USAGE;
	}
	code = check_debugger(invocation);
	if (!code)
		code = results_check(invocation);
	if (code)
		return code;
	code = attempt_open(&attempt, invocation, invocation->operands.items[0], pass);
	if (!code)
		code = attempt_run(&attempt, invocation->repeat);
	if (!code) {
		say_verdict(&attempt, invocation);
		code = tell(&attempt, invocation, exit_code_of(&attempt));
	}
	attempt_close(&attempt);
	return code;
}

static const struct option_row rows[] = {
	HEADING("Replay"),
	VALUE(OPTION_COUNT, "repeat", repeat, "N", "replay N times and count how many are identical (default: 1)"),
	FLAG("best-effort", best_effort, "pass over lines that can't be met and go on with the chooser"),
	FLAG("show-output", show_output, "with --repeat: pass the output of every execution through"),
	HEADING("Debugger"),
	FLAG("gdb", gdb, "follow the schedule under gdb, which has the commands race tasks, waits, schedule, step, until"),
	VALUE(OPTION_COUNT, "stop-at", stop_at, "N",
		"--gdb: stop before line N of the schedule's run, wake, ... lines (default: the last; "
		"0: before the program begins)"),
	VALUE(OPTION_LIST, "gdb-command", gdb_command, "CMD",
		"--gdb: execute CMD when it has stopped, and leave gdb after the last one (may be repeated)"),
	JUDGE_ROWS,
	EXECUTION_ROWS,
	HEADING("Results"),
	VALUE(OPTION_FILE, "json", json, "FILE", "write the result as JSON (- is standard output)"),
	VALUE(OPTION_FILE, "html", html, "FILE", "write a page to look at, offline"),
	RESULT_ROWS,
	ABSENT_ROWS,
	END,
};

const struct command command_replay = {
	.name = "replay",
	.summary = "Repeat the execution that a schedule describes",
	.usage = "[OPTION]... FILE [-- COMMAND [ARGUMENT]...]",
	.text = "Follows the schedule in FILE line by line. Prints `identical` when the execution was the same to the last\n"
		"step, `followed, trace differs` when every line was met but something else was not, and where it\n"
		"diverged otherwise (exit 4). Exits 66 when the failure occurred again, 0 when it did not. Without COMMAND\n"
		"the one named in FILE is run.\n\n"
		"With --gdb the program stops where the schedule has come to its last line, or to that of --stop-at, and\n"
		"gdb looks at it. When gdb ends the verdict follows as usual.\n",
	.examples = "  race replay race-findings/serializability-5b1d09c2.race\n"
		"  race replay --repeat 1000 race-findings/deadlock-09a7c1e4.race -- ./program\n"
		"  race replay --gdb --stop-at 3 race-findings/deadlock-09a7c1e4.race -- ./program\n",
	.options = rows,
	.noperands = 1,
	.has_target = true,
	.run = replay,
};
