/*
 * race run: one execution under control.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command_line.h"
#include "explorer/detect/detector.h"
#include "explorer/fingerprint.h"
#include "explorer/uncontrolled.h"
#include "library.h"
#include "option_rows.h"
#include "report/report.h"
#include "results.h"
#include "schedule_file.h"
#include "search.h"
#include "shared/outcome.h"
#include "symbolise.h"

static uint16_t chooser_id(const char *name)
{
	uint16_t id;

	for (id = 0; name && options_chooser(id); id++)
		if (strcmp(options_chooser(id), name) == 0)
			return id;
	return CHOOSER_FIRST;
}

static struct plan_draft draft_of(const struct invocation *invocation)
{
	return (struct plan_draft){.plan = {
		.number = 1,
		.seed = invocation->seed,
		.clock_start_ns = CAMPAIGN_CLOCK_START_NS,
		.chooser = chooser_id(invocation->chooser),
		.flags = PLAN_RICH,
		.max_steps = LIMIT_STEPS,
		.depth = (uint32_t)(invocation->depth ? invocation->depth : 3),
		.length = 1000, /* steps that pct spreads its changes over: unknown before the first execution */
	}};
}

/* Would it have failed so without race, too? Then the command fails by itself. */
static bool fails_by_itself(const struct trace *trace, const struct finding *finding)
{
	return trace->result.npreemptions == 0 && (strcmp(finding->kind, "exit") == 0 ||
		strcmp(finding->kind, "assert") == 0 || strcmp(finding->kind, "crash") == 0);
}

static int judge_code(const struct trace *trace, const struct finding_list *findings)
{
	uint32_t index;

	if (trace->result.outcome == OUTCOME_BROKEN)
		return EXIT_INTERNAL;
	if (trace->result.outcome == OUTCOME_REFUSED || (trace->result.outcome == OUTCOME_LIMIT && !findings->n))
		return EXIT_UNCONTROLLED;
	if (!findings->n)
		return EXIT_CLEAN;
	for (index = 0; index < findings->n; index++)
		if (!fails_by_itself(trace, findings->items[index]))
			return EXIT_FINDINGS;
	return EXIT_COMMAND_FAILS;
}

static int record(struct invocation *invocation, struct finding *finding, struct symbolise *symbolise,
	const char *path)
{
	struct schedule *schedule = schedule_file_make(invocation->pool, finding, symbolise, invocation->target);
	int failed = -1;

	if (schedule) {
		failed = schedule_file_write(invocation->pool, schedule, path);
		schedule_close(schedule);
	}
	if (!failed)
		fprintf(stderr, "race run: wrote %s\n", path);
	return failed;
}

/* The schedule of what happened, whether something was found or not. */
static int record_trace(struct invocation *invocation, struct trace *trace, const struct finding_list *findings,
	struct symbolise *symbolise)
{
	struct finding nothing = {.message = ""}, *finding = findings->n ? findings->items[0] : &nothing;
	struct trace *kept = finding->trace;
	int failed;

	if (!invocation->record)
		return 0;
	finding->trace = trace;
	finding->plan.seed = invocation->seed;
	failed = record(invocation, finding, symbolise, invocation->record);
	finding->trace = kept;
	return failed;
}

static bool is_repeated(const char *notes, size_t at, const char *note)
{
	size_t earlier;

	for (earlier = 0; earlier < at; earlier += strlen(notes + earlier) + 1)
		if (strcmp(notes + earlier, note) == 0)
			return true;
	return false;
}

static void tell_uncontrolled(const struct trace *trace, const struct symbols *symbols, bool judged)
{
	size_t nbytes = 0, at = 0, start = 0;
	const char *where;
	uint32_t reason;
	char *notes = uncontrolled_notes(trace, symbols, judged, &nbytes);

	for (; notes && uncontrolled_next(notes, nbytes, &at, &reason, &where); start = at)
		if (!is_repeated(notes, start, notes + start))
			fprintf(stderr, "race run: uncontrolled: %s%s%s\n", uncontrolled_text(reason), *where ? ": " : "",
				where);
	free(notes);
}

static int tell(struct invocation *invocation, const struct control *control, struct trace *trace,
	const struct finding_list *findings, struct symbolise *symbolise, int code)
{
	struct document *document = document_open();
	struct terminal terminal;
	const char *replay = NULL;
	uint32_t index;
	int failed = 0;

	document->command = command_line_join(invocation->pool, invocation->target);
	document->exit_code = invocation_exit(invocation, code);
	document->verdict = document_verdict(code == EXIT_FINDINGS ? VERDICT_FINDINGS : code == EXIT_COMMAND_FAILS ?
		VERDICT_COMMAND_FAILS : code == EXIT_UNCONTROLLED ? VERDICT_UNCONTROLLED : VERDICT_CLEAN);
	document->executions = 1;
	document->seed = invocation->seed;
	if (invocation->record)
		replay = search_replay_line(invocation, invocation->record);
	for (index = 0; index < findings->n; index++)
		document_add(document, findings->items[index], trace, symbolise, replay, invocation->literals);
	document_add_written(document, control);
	terminal_inspect(stderr, &terminal);
	if (code == EXIT_COMMAND_FAILS)
		fprintf(stderr, "race run: the command fails by itself: %s\n", findings->items[0]->message);
	else if (findings->n)
		report_write(&report_text, document, &terminal, stderr);
	if (invocation->json)
		failed = report_save(&report_json, document, invocation->json);
	document_close(document);
	return failed;
}

static int run_once(struct invocation *invocation, struct execution *execution, char *reason, size_t reason_bytes)
{
	struct symbolise *symbolise = symbolise_open(execution_control(execution));
	struct plan_draft draft = draft_of(invocation);
	struct finding_list findings = {0};
	struct trace *trace = NULL;
	uint32_t index;
	int code = EXIT_INTERNAL;

	if (execution_run(execution, &draft, NULL, &trace, reason, reason_bytes, &code)) {
		fprintf(stderr, "race run: %s\n", reason);
	} else if (detector_judge(trace, &findings)) {
		fputs("race run: out of memory\n", stderr);
		code = EXIT_INTERNAL;
	} else {
		for (index = 0; index < findings.n; index++)
			findings.items[index]->fingerprint = fingerprint_of(findings.items[index],
				symbolise_symbols(symbolise));
		code = judge_code(trace, &findings);
		tell_uncontrolled(trace, symbolise_symbols(symbolise), findings.n > 0);
		if (record_trace(invocation, trace, &findings, symbolise) |
			tell(invocation, execution_control(execution), trace, &findings, symbolise, code))
			code = EXIT_INTERNAL;
	}
	finding_list_clear(&findings);
	trace_close(trace);
	symbolise_close(symbolise);
	return code;
}

static int run(struct invocation *invocation)
{
	struct execution *execution;
	struct execution_options options = {
		.command = invocation->target,
		.pass_output = true,
		.reuse = options_reuse_of(invocation->reuse, REUSE_FORK),
		.carrier = options_carrier_of(invocation->carrier, CARRIER_THREAD),
		.real_databases = invocation->real_databases,
		.servers = {.urls = invocation->db.items, .force = invocation->db_force,
			.keep_state = invocation->keep_state},
		.timeout_ms = invocation->timeout_ms,
		.log = library_log(),
	};
	char reason[512] = "";
	int code;

	code = search_check(invocation, &options.library);
	if (code)
		return code;
	execution = execution_open(&options, reason, sizeof(reason), &code);
	if (!execution) {
		fprintf(stderr, "race run: %s\n", reason);
		return code;
	}
	code = run_once(invocation, execution, reason, sizeof(reason));
	execution_close(execution);
	return code;
}

static const struct option_row rows[] = {
	HEADING("Who runs when"),
	WORD("chooser", chooser, "NAME", options_chooser, "who runs at each choice (default: first, the one that ran)"),
	VALUE(OPTION_COUNT, "seed", seed, "N", "seed of all randomness (default: 1)"),
	VALUE(OPTION_COUNT, "depth", depth, "N", "pct: number of priority changes plus one (default: 3)"),
	EXECUTION_ROWS,
	HEADING("Results"),
	VALUE(OPTION_FILE, "record", record, "FILE", "write the schedule of this execution to FILE"),
	VALUE(OPTION_FILE, "json", json, "FILE", "write the result as JSON"),
	RESULT_ROWS,
	ABSENT_ROWS,
	END,
};

const struct command command_run = {
	.name = "run",
	.summary = "Run a command once under control, its output passed through",
	.usage = "[OPTION]... -- COMMAND [ARGUMENT]...",
	.text = "COMMAND has our standard streams. What the detectors found is told on stderr at the end.\n"
		"Exits 1 when COMMAND fails by itself, 66 when it fails because of who ran when.\n",
	.examples = "  race run -- ./program\n"
		"  race run --chooser random --seed 7 --record random-7.race -- ./program\n",
	.options = rows,
	.has_target = true,
	.run = run,
};
