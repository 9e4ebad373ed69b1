/*
 * race gate: the check of a CI run. Replays the schedules that were committed, then explores within the budget.
 */
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "attempt.h"
#include "command.h"
#include "option_rows.h"
#include "report/summary.h"
#include "results.h"
#include "search.h"
#include "shared/outcome.h"

/* What is worth ending with, when several things happened. */
static int worse(int left, int right)
{
	static const int order[] = {EXIT_CLEAN, EXIT_COMMAND_FAILS, EXIT_UNCONTROLLED, EXIT_USAGE, EXIT_INTERNAL,
		EXIT_FINDINGS};
	size_t index, left_rank = 0, right_rank = 0;

	for (index = 0; index < sizeof(order) / sizeof(order[0]); index++) {
		if (order[index] == left)
			left_rank = index;
		if (order[index] == right)
			right_rank = index;
	}
	return left_rank > right_rank ? left : right;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *message_of(struct pool *pool, const struct attempt *attempt)
{
	if (attempt->nfound)
		return attempt->first.findings.n ? pool_copy(pool, attempt->first.findings.items[0]->message) :
			"the failure occurred";
	if (attempt->ndiverged)
		return pool_print(pool, "the failure did not occur, but the schedule can't be followed any more: %s",
			attempt->reason);
	return "followed, the failure did not occur";
}

static int replay_one(struct invocation *invocation, const char *path, struct document *document)
{
	struct document_replay entry = {.schedule = path, .verdict = "broken"};
	double start = seconds_now();
	struct attempt attempt;
	int code;

	code = attempt_open(&attempt, invocation, path, false);
	if (!code)
		code = attempt_run(&attempt, 1);
	if (!code) {
		entry.verdict = attempt_verdict(&attempt);
		entry.found = attempt.nfound > 0;
		entry.message = message_of(invocation->pool, &attempt);
		attempt_tell(&attempt, invocation, document);
		code = entry.found ? EXIT_FINDINGS : EXIT_CLEAN;
	} else {
		entry.message = *attempt.reason ? attempt.reason : "can't be replayed";
	}
	entry.seconds = seconds_now() - start;
	document_add_replay(document, &entry);
	attempt_close(&attempt);
	return code;
}

/*
 * All schedules of the folder, in order of their names. Lines that can't be met are passed over: mending a bug usually
 * makes its interleaving impossible, and that must not turn the gate red. Such a schedule is said to be stale.
 */
static int replay_all(struct invocation *invocation, struct document *document)
{
	glob_t found;
	int code = EXIT_CLEAN;
	size_t index;

	invocation->best_effort = true;

	if (glob(pool_print(invocation->pool, "%s/*.race", invocation->schedules), 0, NULL, &found) == 0)
		for (index = 0; index < found.gl_pathc; index++)
			code = worse(code, replay_one(invocation, found.gl_pathv[index], document));
	globfree(&found);
	return code;
}

static void warn(struct pool *pool, const struct document *document)
{
	const char *notice = summary_notice(pool, document);
	uint32_t index;

	for (index = 0; index < document->nreplays; index++)
		if (!document->replays[index].found && strcmp(document->replays[index].verdict, "diverged") == 0)
			fprintf(stderr, "race gate: warning: %s is stale: record it anew or delete it\n",
				document->replays[index].schedule);
	if (notice)
		fprintf(stderr, "race gate: warning: %s; this gate compares no outcomes until the command does several things "
			"at once\n", notice);
}

static int gate(struct invocation *invocation)
{
	struct document *document;
	const char *library;
	int code, replayed, signal_number = 0;

	if (!invocation->output)
		invocation->output = "race-findings";
	code = search_check(invocation, &library);
	if (code)
		return code;
	document = document_open();
	replayed = replay_all(invocation, document);
	code = worse(replayed, search_run(invocation, library, document, &signal_number));
	document->exit_code = invocation_exit(invocation, code);
	if (code == EXIT_FINDINGS)
		document->verdict = document_verdict(VERDICT_FINDINGS);
	if (replayed != EXIT_CLEAN && replayed != EXIT_FINDINGS && !document->reason)
		document->reason = "A committed schedule can't be used, see above: what was explored says nothing of it.";
	warn(invocation->pool, document);
	if (results_write(invocation, document))
		code = EXIT_INTERNAL;
	document_close(document);
	if (signal_number) {
		fflush(stdout);
		raise(signal_number);
	}
	return code;
}

static const struct option_row rows[] = {
	HEADING("Committed schedules"),
	VALUE(OPTION_FOLDER, "schedules", schedules, "DIR", "replay DIR/*.race first (default: races)"),
	SEARCH_ROWS,
	JUDGE_ROWS,
	EXECUTION_ROWS,
	HEADING("Results"),
	VALUE(OPTION_FOLDER, "output", output, "DIR", "folder for the schedules of new findings (default: race-findings)"),
	VALUE(OPTION_FILE, "junit", junit, "FILE", "write JUnit XML for CI servers"),
	VALUE(OPTION_FILE, "json", json, "FILE", "write the result as JSON (- is standard output)"),
	VALUE(OPTION_FILE, "html", html, "FILE", "write a page to look at, offline"),
	VALUE(OPTION_FILE, "sarif", sarif, "FILE", "write SARIF 2.1.0 for code hosting sites"),
	FLAG("no-minimize", no_minimize, "keep schedules as they were found instead of shrinking them"),
	FLAG("show-output", show_output, "pass the output of every execution to stderr"),
	RESULT_ROWS,
	ABSENT_ROWS,
	END,
};

const struct command command_gate = {
	.name = "gate",
	.summary = "Check a command in CI: replay committed schedules, then explore within a budget",
	.usage = "[OPTION]... -- COMMAND [ARGUMENT]...",
	.text = "Exits 66 when a committed schedule fails again or exploring finds something. A schedule that can't be\n"
		"followed any more, as after its bug was mended, is named as stale.\n",
	.examples = "  race gate --budget 2m --junit race.xml -- ./integration_tests\n",
	.options = rows,
	.has_target = true,
	.run = gate,
};
