/*
 * race minimize: shrinks a schedule that fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "command.h"
#include "option_rows.h"
#include "report/phrase.h"
#include "schedule_file.h"
#include "search.h"
#include "shared/outcome.h"

/* The finding to be kept: the one that the schedule was written for, where it is there. */
static struct finding *pick(struct attempt *attempt, struct pool *pool)
{
	struct finding_list *findings = &attempt->first.findings;
	const char *wanted = attempt->schedule->fingerprint;
	uint32_t index;

	for (index = 0; wanted && index < findings->n; index++)
		if (strcmp(document_fingerprint(pool, findings->items[index]->fingerprint), wanted) == 0)
			return findings->items[index];
	return findings->items[0];
}

static uint32_t count_faults(const struct trace *trace)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		n += trace->value_choices[i].kind == CHOICE_FAULT && trace->value_choices[i].taken != FAULT_NONE;
	return n;
}

/* The exact choices of the replayed execution, from which the campaign starts shrinking. */
static int set_prefix(struct finding *finding, const struct attempt *attempt)
{
	const struct trace *trace = attempt->first.trace;
	uint32_t count = trace->result.nchoices;

	finding->prefix = calloc(count + 1, sizeof(*finding->prefix));
	if (!finding->prefix)
		return -1;
	finding->nprefix = trace_prefix(trace, count, finding->prefix, count);
	finding->plan = (struct plan){.seed = attempt->schedule->has_seed ? attempt->schedule->seed : 1, .clock_start_ns = CAMPAIGN_CLOCK_START_NS,
		.chooser = CHOOSER_FIRST, .max_steps = LIMIT_STEPS, .nprefix = finding->nprefix,
		.faults = count_faults(trace)};
	return 0;
}

static int write_smaller(struct invocation *invocation, struct attempt *attempt, struct finding *finding,
	struct symbolise *symbolise)
{
	const char *path = invocation->record ? invocation->record : attempt->path;
	struct schedule *schedule;
	int failed = -1;

	schedule = schedule_file_make(invocation->pool, finding, symbolise, attempt->command);
	if (schedule) {
		failed = schedule_file_write(invocation->pool, schedule, path);
		if (!failed)
			printf("%s: %s, %s (before: %s, %s)\n", path,
				phrase_count(invocation->pool, finding->trace->result.npreemptions, "preemption"),
				phrase_count(invocation->pool, schedule->nlines, "line"),
				phrase_count(invocation->pool, attempt->first.trace->result.npreemptions, "preemption"),
				phrase_count(invocation->pool, attempt->schedule->nlines, "line"));
		schedule_close(schedule);
	}
	return failed ? EXIT_INTERNAL : EXIT_CLEAN;
}

static int shrink_with(struct invocation *invocation, struct campaign *campaign, struct attempt *attempt,
	struct finding *finding)
{
	struct symbolise *symbolise = symbolise_open(execution_control(campaign_execution(campaign)));
	int code;

	campaign_use_symbols(campaign, symbolise_symbols(symbolise));
	if (campaign_minimize(campaign, finding, invocation->max_executions) || campaign_enrich(campaign, finding)) {
		fputs("race minimize: the failure did not occur again; the schedule is kept as it is\n", stderr);
		code = EXIT_UNCONTROLLED;
	} else {
		code = write_smaller(invocation, attempt, finding, symbolise);
	}
	campaign_use_symbols(campaign, NULL);
	symbolise_close(symbolise);
	return code;
}

static int shrink(struct invocation *invocation, struct attempt *attempt, struct finding *finding)
{
	struct campaign_result result = {0};
	struct campaign_options options;
	struct campaign *campaign;
	const char *library;
	int code;

	invocation->target = attempt->command;
	code = search_check(invocation, &library);
	if (code || search_options(invocation, library, &options))
		return code ? code : EXIT_USAGE;
	campaign = campaign_open(&options, &result);
	if (!campaign) {
		fprintf(stderr, "race minimize: %s\n", result.reason);
		code = result.exit_code;
	} else {
		code = shrink_with(invocation, campaign, attempt, finding);
	}
	campaign_close(campaign, &result);
	return code;
}

static int keep_as_is(const struct attempt *attempt)
{
	if (attempt->ndiverged) {
		fprintf(stderr, "race minimize: %s can't be followed: %s\n", attempt->path, attempt->reason);
		return EXIT_UNCONTROLLED;
	}
	fprintf(stderr, "race minimize: %s was followed, but the failure did not occur: nothing to shrink\n",
		attempt->path);
	return EXIT_CLEAN;
}

static int minimize(struct invocation *invocation)
{
	struct finding *finding;
	struct attempt attempt;
	int code;

	if (!invocation->operands.n) {
		fputs("race minimize: which schedule? race minimize FILE [-- COMMAND]\n", stderr);
		return EXIT_USAGE;
	}
	code = attempt_open(&attempt, invocation, invocation->operands.items[0], false);
	if (!code)
		code = attempt_run(&attempt, 1);
	if (!code && !attempt.nfound) {
		code = keep_as_is(&attempt);
	} else if (!code) {
		finding = pick(&attempt, invocation->pool);
		code = set_prefix(finding, &attempt) ? EXIT_INTERNAL : EXIT_CLEAN;
		if (!code)
			code = shrink(invocation, &attempt, finding);
	}
	attempt_close(&attempt);
	return code;
}

static const struct option_row rows[] = {
	HEADING("Shrinking"),
	VALUE(OPTION_COUNT, "max-executions", max_executions, "N", "try at most N smaller schedules (default: 1000)"),
	JUDGE_ROWS,
	EXECUTION_ROWS,
	HEADING("Results"),
	VALUE(OPTION_FILE, "output", record, "FILE", "write the smaller schedule to FILE instead of over the old one"),
	ABSENT_ROWS,
	END,
};

const struct command command_minimize = {
	.name = "minimize",
	.summary = "Shrink a schedule to the fewest preemptions and lines that still fail",
	.usage = "[OPTION]... FILE [-- COMMAND [ARGUMENT]...]",
	.examples = "  race minimize --output small.race found.race -- ./program\n",
	.options = rows,
	.noperands = 1,
	.has_target = true,
	.run = minimize,
};
