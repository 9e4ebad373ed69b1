#include "campaign.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign_private.h"
#include "uncontrolled.h"

/* Seconds between two looks at the progress while an execution runs. */
static const double look_period = 0.25;

double campaign_seconds(const struct campaign *campaign)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - campaign->start.tv_sec) + (double)(now.tv_nsec - campaign->start.tv_nsec) / 1e9;
}

void campaign_end(struct campaign *campaign, int exit_code, const char *reason)
{
	struct campaign_result *result = campaign->result;

	if (campaign->concluded)
		return;
	snprintf(result->reason, sizeof result->reason, "%s", exit_code == EXIT_CLEAN ? "" : reason);
	result->exit_code = exit_code;
	if (exit_code != EXIT_CLEAN)
		result->verdict = exit_code == EXIT_INTERNAL ? VERDICT_INTERNAL :
			exit_code == EXIT_COMMAND_FAILS ? VERDICT_COMMAND_FAILS : VERDICT_UNCONTROLLED;
}

void campaign_fail(struct campaign *campaign, const char *reason)
{
	campaign_end(campaign, EXIT_INTERNAL, reason);
}

void campaign_remark(struct campaign *campaign, const char *format, ...)
{
	struct campaign_result *result = campaign->result;
	char **grown = realloc(result->remarks, (result->nremarks + 1ul) * sizeof *grown);
	va_list arguments;

	if (!grown)
		return;
	result->remarks = grown;
	va_start(arguments, format);
	if (vasprintf(&grown[result->nremarks], format, arguments) >= 0)
		result->nremarks++;
	va_end(arguments);
}

void campaign_warn(struct campaign *campaign, const char *sentence)
{
	campaign_remark(campaign, "%s", sentence);
	if (campaign->options.warned)
		campaign->options.warned(campaign->options.progress_state, sentence);
}

static void note_one(struct campaign_result *result, uint32_t reason, const char *where)
{
	struct campaign_uncontrolled *grown;
	uint32_t at = 0;

	while (at < result->nuncontrolled && (result->uncontrolled[at].reason != reason ||
		strcmp(result->uncontrolled[at].where, where) != 0))
		at++;
	if (at == result->nuncontrolled) {
		char *copy = strdup(where);
		grown = copy ? realloc(result->uncontrolled, (at + 1) * sizeof *grown) : NULL;
		if (!grown) {
			free(copy);
			return;
		}
		result->uncontrolled = grown;
		grown[at] = (struct campaign_uncontrolled){.reason = reason, .where = copy};
		result->nuncontrolled++;
	}
	result->uncontrolled[at].count++;
}

void campaign_note(struct campaign *campaign, const char *notes, size_t nbytes)
{
	const char *where;
	uint32_t reason;
	size_t at = 0;

	while (uncontrolled_next(notes, nbytes, &at, &reason, &where))
		note_one(campaign->result, reason, where);
}

/* The execution that is under way asks a few hundred times a second whether it is worth going on. */
static bool is_over_meanwhile(void *state)
{
	struct campaign *campaign = state;

	if (campaign_seconds(campaign) - campaign->looked_at < look_period)
		return false;
	return campaign_is_over(campaign);
}

static int open_parts(struct campaign *campaign)
{
	struct campaign_options *options = &campaign->options;
	char reason[sizeof campaign->result->reason] = "";
	int exit_code = EXIT_INTERNAL;

	campaign->execution = execution_open(&options->execution, reason, sizeof reason, &exit_code);
	if (!campaign->execution) {
		campaign_end(campaign, exit_code, reason);
		return -1;
	}
	if (options->resume && campaign_resume(campaign) < 0)
		return -1;
	campaign->oracle = oracle_open(&options->oracle);
	campaign->strategy = options->strategy->open(&options->strategy_options);
	if (campaign->oracle && campaign->strategy)
		return 0;
	campaign_fail(campaign, "race: out of memory");
	return -1;
}

struct campaign *campaign_open(const struct campaign_options *options, struct campaign_result *result)
{
	struct campaign *campaign = calloc(1, sizeof *campaign);

	*result = (struct campaign_result){.strategy = options->strategy->name, .seed = options->strategy_options.seed};
	if (!campaign) {
		snprintf(result->reason, sizeof result->reason, "race: out of memory");
		result->verdict = VERDICT_INTERNAL;
		result->exit_code = EXIT_INTERNAL;
		return NULL;
	}
	campaign->options = *options;
	campaign->options.execution.stop = NULL; /* progress says it: a finding is still to be told after a signal */
	campaign->options.execution.over = is_over_meanwhile;
	campaign->options.execution.over_state = campaign;
	campaign->result = result;
	campaign->phase = "reference";
	clock_gettime(CLOCK_MONOTONIC, &campaign->start);
	if (open_parts(campaign) == 0)
		return campaign;
	campaign_close(campaign, NULL);
	return NULL;
}

void campaign_use_symbols(struct campaign *campaign, const struct symbols *symbols)
{
	campaign->symbols = symbols;
}

static double per_second(const struct campaign *campaign, double seconds)
{
	return seconds > 0 ? (double)(campaign->number + campaign->nrecalled) / seconds : 0;
}

static double budget_left(const struct campaign *campaign)
{
	const struct campaign_options *options = &campaign->options;
	double left = -1;

	if (options->budget_ms)
		left = 1 - campaign_seconds(campaign) * 1000 / (double)options->budget_ms;
	else if (options->max_executions)
		left = 1 - (double)campaign->result->executions / (double)options->max_executions;
	else
		return -1;
	return left > 0 ? left : 0;
}

static void fill_progress(const struct campaign *campaign, struct campaign_progress *progress)
{
	const struct campaign_result *result = campaign->result;
	struct exhaustion exhaustion = {.fraction_left = -1};
	double seconds = campaign->earlier_seconds + campaign_seconds(campaign);

	campaign->options.strategy->exhaustion(campaign->strategy, &exhaustion);
	*progress = (struct campaign_progress){
		.executions = result->executions,
		.references = result->reference_executions,
		.distinct_traces = campaign->traces.n,
		.seconds = seconds,
		.executions_per_second = per_second(campaign, seconds),
		.findings = result->findings.n,
		.budget_left = budget_left(campaign),
		.fraction_left = exhaustion.fraction_left,
		.phase = campaign->phase,
	};
}

bool campaign_is_over(struct campaign *campaign)
{
	const struct campaign_options *options = &campaign->options;
	struct campaign_result *result = campaign->result;
	struct campaign_progress progress;

	campaign->looked_at = campaign_seconds(campaign);
	if (campaign->heed == HEED_NOTHING)
		return false;
	fill_progress(campaign, &progress);
	if (options->progress && options->progress(options->progress_state, &progress))
		result->interrupted = campaign->stopped = true;
	if (campaign->heed == HEED_ALL && options->budget_ms &&
		campaign->looked_at * 1000 >= (double)options->budget_ms)
		result->budget_used = campaign->stopped = true;
	return campaign->stopped;
}

bool campaign_take(struct campaign *campaign, struct trial *trial)
{
	struct campaign_result *result = campaign->result;
	bool any = false;

	for (uint32_t i = 0; i < trial->findings.n; i++) {
		struct finding *finding = trial->findings.items[i];
		trial->findings.items[i] = NULL;
		if (!hash_set_add(&campaign->fingerprints, finding->fingerprint))
			finding_close(finding);
		else if (finding_list_add(&result->findings, finding) == 0)
			any = true;
	}
	trial->findings.n = 0;
	if (any && !result->output) {
		result->output = trial->output;
		trial->output = NULL;
	}
	return any;
}

/* What ends at one of our limits in the simplest order is beyond us. */
static bool is_within_limits(struct campaign *campaign, const struct trial *trial)
{
	const struct result *last = &trial->trace->result;
	char reason[256];

	if (trial->findings.n > 0 || last->outcome != OUTCOME_LIMIT)
		return true;
	snprintf(reason, sizeof reason, "the command reached a limit of race, more than %llu %s, and was ended there",
		(unsigned long long)limit_value(last->limit), limit_text(last->limit));
	campaign_end(campaign, EXIT_UNCONTROLLED, reason);
	return false;
}

static bool judge_first(struct campaign *campaign, struct trial *trial)
{
	struct campaign_result *result = campaign->result;

	if (!is_within_limits(campaign, trial))
		return false;
	if (trial->findings.n == 0 || !finding_is_own_failure(trial->findings.items[0]))
		return true;
	result->output = trial->output;
	trial->output = NULL;
	campaign_end(campaign, EXIT_COMMAND_FAILS, trial->findings.items[0]->message);
	return false;
}

void campaign_complete_plan(const struct campaign *campaign, struct plan *plan)
{
	if (plan->clock_start_ns == 0)
		plan->clock_start_ns = CAMPAIGN_CLOCK_START_NS;
	if (plan->max_steps == 0)
		plan->max_steps = LIMIT_STEPS;
	if (plan->seed == 0)
		plan->seed = campaign->options.strategy_options.seed;
}

static bool judge_reference(struct campaign *campaign, struct trial *trial)
{
	size_t nbytes = 0;
	char *notes;

	if (campaign->options.oracle.serial)
		oracle_learn(campaign->oracle, &trial->observation);
	if (trial_judge(campaign, trial) < 0 ||
		!(notes = uncontrolled_notes(trial->trace, campaign->symbols, trial->findings.n > 0, &nbytes))) {
		campaign_fail(campaign, "race: out of memory");
		return false;
	}
	campaign_note(campaign, notes, nbytes);
	free(notes);
	if (campaign->result->reference_executions == 1 &&
		(!judge_first(campaign, trial) || (trial->findings.n == 0 && !campaign_runs_again(campaign))))
		return false;
	return !campaign_take(campaign, trial) || campaign->options.keep_going;
}

/* Runs the draft as a reference. False: the campaign is over. */
static bool run_reference(struct campaign *campaign)
{
	struct trial trial;
	bool go_on = false;

	trial_run(campaign, &trial);
	if (!trial.failed) {
		trial.reference = true;
		campaign->result->reference_executions++;
		go_on = judge_reference(campaign, &trial);
	}
	trial_close(&trial);
	return go_on && !campaign_is_over(campaign);
}

bool campaign_references(struct campaign *campaign)
{
	for (;;) {
		plan_draft_clear(&campaign->draft);
		if (oracle_next(campaign->oracle, &campaign->draft) != STRATEGY_READY)
			return true;
		if (!run_reference(campaign))
			return false;
	}
}

void campaign_first_plan(struct campaign *campaign)
{
	plan_draft_clear(&campaign->draft);
	campaign->draft.plan.chooser = CHOOSER_SERIAL;
	campaign->draft.plan.seed = campaign->options.strategy_options.seed;
	campaign_complete_plan(campaign, &campaign->draft.plan);
}

/* Without the oracle there is still a first execution, in creation order. */
static bool run_first(struct campaign *campaign)
{
	if (campaign->options.oracle.serial)
		return campaign_references(campaign);
	campaign_first_plan(campaign);
	return run_reference(campaign);
}

/* Databases that come and go. */
static void remark_arrivals(struct campaign *campaign)
{
	const char *name, *account;

	for (uint32_t i = 0; (name = servers_arrival(i, &account)); i++)
		campaign_remark(campaign, "database %s: %s", name, account);
}

static void remark(struct campaign *campaign)
{
	struct campaign_result *result = campaign->result;
	uint64_t nstrays = result->exhaustion.nstrays;

	if (campaign->nrecalled)
		campaign_remark(campaign, "resumed: %llu of the executions are from %s",
			(unsigned long long)campaign->nrecalled, campaign->options.resume);
	/* those that could not follow are among the strategy's strays where it looks for them */
	if (nstrays < campaign->ndiverged)
		nstrays = campaign->ndiverged;
	if (nstrays)
		campaign_remark(campaign, "not repeatable: %llu of the executions did not go as planned; the program depends on "
			"something that race does not control, and what follows from there was not explored",
			(unsigned long long)nstrays);
	if (campaign->nunjudged && campaign->stopped)
		campaign_remark(campaign, "not judged: the search ended before the outcome of execution %llu was known to be "
			"right or wrong", (unsigned long long)result->executions);
	remark_arrivals(campaign);
	if (result->findings.n > 0 && result->reason[0])
		campaign_remark(campaign, "ended early: %s", result->reason);
}

/* Findings count more than what ended the search; a search in which nothing ended is no clean one. */
static void settle_verdict(struct campaign *campaign)
{
	struct campaign_result *result = campaign->result;

	if (result->findings.n > 0) {
		result->verdict = VERDICT_FINDINGS;
		result->exit_code = EXIT_FINDINGS;
	} else if (result->exit_code == EXIT_CLEAN && campaign->stopped &&
		result->executions + result->reference_executions == 0) {
		campaign_end(campaign, EXIT_UNCONTROLLED, result->interrupted ?
			"interrupted before the first execution had ended" :
			"the budget was used up before the first execution had ended");
	}
}

static void conclude(struct campaign *campaign)
{
	struct campaign_result *result = campaign->result;

	result->seconds = campaign->earlier_seconds + campaign_seconds(campaign);
	result->executions_per_second = per_second(campaign, result->seconds);
	result->distinct_traces = campaign->traces.n;
	result->carrier = execution_carrier(campaign->execution);
	result->reuse = execution_reuse(campaign->execution);
	result->resumed = execution_resumed(campaign->execution);
	execution_fallback(campaign->execution, result->fallback, sizeof result->fallback);
	result->exhaustion.fraction_left = -1;
	campaign->options.strategy->exhaustion(campaign->strategy, &result->exhaustion);
	remark(campaign);
	settle_verdict(campaign);
	oracle_summary(campaign->oracle, &result->units);
	campaign->concluded = true;
}

int campaign_run(struct campaign *campaign, struct campaign_result *result)
{
	campaign->result = result;
	if (run_first(campaign) && result->exit_code == EXIT_CLEAN)
		campaign_explore(campaign);
	conclude(campaign);
	return 0;
}

struct execution *campaign_execution(struct campaign *campaign)
{
	return campaign->execution;
}

static void clear_result(struct campaign_result *result)
{
	finding_list_clear(&result->findings);
	for (uint32_t i = 0; i < result->nuncontrolled; i++)
		free(result->uncontrolled[i].where);
	for (uint32_t i = 0; i < result->nremarks; i++)
		free(result->remarks[i]);
	free(result->uncontrolled);
	free(result->remarks);
	free(result->output);
	result->uncontrolled = NULL;
	result->remarks = NULL;
	result->output = NULL;
	result->nuncontrolled = result->nremarks = 0;
}

void campaign_close(struct campaign *campaign, struct campaign_result *result)
{
	if (result)
		clear_result(result);
	if (!campaign)
		return;
	if (campaign->strategy)
		campaign->options.strategy->close(campaign->strategy);
	oracle_close(campaign->oracle);
	journal_close(campaign->journal);
	plan_draft_free(&campaign->draft);
	hash_set_fini(&campaign->traces);
	hash_set_fini(&campaign->fingerprints);
	execution_close(campaign->execution);
	free(campaign);
}
