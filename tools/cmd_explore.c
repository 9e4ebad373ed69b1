/*
 * race explore: tries interleavings and reports the first that fails.
 */
#include <signal.h>
#include <stdio.h>

#include "command.h"
#include "option_rows.h"
#include "results.h"
#include "search.h"
#include "shared/outcome.h"

static int explore(struct invocation *invocation)
{
	struct document *document;
	const char *library;
	int code, signal_number = 0;

	if (!invocation->output)
		invocation->output = "race-findings";
	code = search_check(invocation, &library);
	if (code)
		return code;
	document = document_open();
	code = search_run(invocation, library, document, &signal_number);
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
	SEARCH_ROWS,
	JUDGE_ROWS,
	EXECUTION_ROWS,
	HEADING("Results"),
	VALUE(OPTION_FOLDER, "output", output, "DIR",
		"folder for the schedules of findings (default: race-findings; not races/, which holds those you chose "
		"to keep: copy one there and `race gate` replays it for ever)"),
	VALUE(OPTION_FILE, "json", json, "FILE", "write the result as JSON (- is standard output)"),
	VALUE(OPTION_FILE, "html", html, "FILE", "write a page to look at, offline"),
	VALUE(OPTION_FILE, "sarif", sarif, "FILE", "write SARIF 2.1.0 for code hosting sites"),
	VALUE(OPTION_FILE, "junit", junit, "FILE", "write JUnit XML for CI servers"),
	FLAG("no-minimize", no_minimize, "keep the schedule as it was found instead of shrinking it"),
	FLAG("show-output", show_output, "pass the output of every execution to stderr"),
	RESULT_ROWS,
	ABSENT_ROWS,
	END,
};

const struct command command_explore = {
	.name = "explore",
	.summary = "Try interleavings of a command and report the first that fails",
	.usage = "[OPTION]... -- COMMAND [ARGUMENT]...",
	.text = "Runs COMMAND again and again, each time with another order of its threads and processes. What fails is\n"
		"shrunk, explained and written as a schedule that `race replay` repeats. Databases (SQLite) are worked on\n"
		"in private copies; the command's other files are real.\n",
	.examples = "  race explore -- ./integration_tests\n"
		"  race explore --strategy dfs --bound none --max-executions 0 -- ./small_program\n"
		"  race explore --budget 5m --keep-going --json result.json -- make test\n"
		"  race explore --with 'curl -f localhost:8080/a' --with 'curl -f localhost:8080/b' -- ./serve\n",
	.options = rows,
	.has_target = true,
	.run = explore,
};
