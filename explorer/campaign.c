#include "campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign_private.h"
#include "fingerprint.h"

double campaign_seconds(const struct campaign *campaign)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - campaign->start.tv_sec) + (double)(now.tv_nsec - campaign->start.tv_nsec) / 1e9;
}

static int fail(struct campaign_result *result, const char *reason)
{
	snprintf(result->reason, sizeof result->reason, "%s", reason);
	result->verdict = VERDICT_INTERNAL;
	result->exit_code = EXIT_INTERNAL;
	return -1;
}

static void set_verdict(struct campaign_result *result)
{
	result->verdict = result->exit_code == EXIT_INTERNAL ? VERDICT_INTERNAL : VERDICT_UNCONTROLLED;
}

struct campaign *campaign_open(const struct campaign_options *options, struct campaign_result *result)
{
	struct campaign *campaign = calloc(1, sizeof *campaign);

	*result = (struct campaign_result){.strategy = options->strategy->name, .seed = options->strategy_options.seed};
	if (!campaign) {
		fail(result, "race: out of memory");
		return NULL;
	}
	campaign->options = *options;
	campaign->result = result;
	campaign->phase = "reference";
	clock_gettime(CLOCK_MONOTONIC, &campaign->start);
	campaign->execution =
		execution_open(&options->execution, result->reason, sizeof result->reason, &result->exit_code);
	if (!campaign->execution) {
		set_verdict(result);
		campaign_close(campaign, NULL);
		return NULL;
	}
	campaign->oracle = oracle_open(&options->oracle);
	campaign->strategy = options->strategy->open(&options->strategy_options);
	if (campaign->oracle && campaign->strategy)
		return campaign;
	fail(result, "race: out of memory");
	campaign_close(campaign, NULL);
	return NULL;
}

void campaign_use_symbols(struct campaign *campaign, const struct symbols *symbols)
{
	campaign->symbols = symbols;
}

static void fill_progress(const struct campaign *campaign, struct campaign_progress *progress)
{
	const struct campaign_result *result = campaign->result;
	struct exhaustion exhaustion = {.fraction_left = -1};
	double seconds = campaign_seconds(campaign);

	campaign->options.strategy->exhaustion(campaign->strategy, &exhaustion);
	*progress = (struct campaign_progress){
		.executions = result->executions,
		.references = result->reference_executions,
		.distinct_traces = campaign->traces.n,
		.seconds = seconds,
		.executions_per_second = seconds > 0 ? (double)campaign->number / seconds : 0,
		.findings = result->findings.n,
		.budget_left = -1,
		.fraction_left = exhaustion.fraction_left,
		.phase = campaign->phase,
	};
	if (campaign->options.budget_ms)
		progress->budget_left = 1 - seconds * 1000 / (double)campaign->options.budget_ms;
	else if (campaign->options.max_executions)
		progress->budget_left = 1 - (double)result->executions / (double)campaign->options.max_executions;
}

bool campaign_is_over(struct campaign *campaign)
{
	struct campaign_result *result = campaign->result;
	struct campaign_progress progress;

	fill_progress(campaign, &progress);
	if (campaign->options.progress && campaign->options.progress(campaign->options.progress_state, &progress))
		result->interrupted = campaign->stopped = true;
	if (campaign->options.budget_ms && progress.seconds * 1000 >= (double)campaign->options.budget_ms)
		result->budget_used = campaign->stopped = true;
	return campaign->stopped;
}

static void keep_output(struct campaign *campaign)
{
	size_t nbytes;
	bool truncated;
	const char *output = execution_output(campaign->execution, &nbytes, &truncated);

	if (!campaign->result->output && nbytes > 0)
		campaign->result->output = strdup(output);
}

bool campaign_take(struct campaign *campaign, struct trial *trial)
{
	bool any = false;

	for (uint32_t i = 0; i < trial->findings.n; i++) {
		struct finding *finding = trial->findings.items[i];
		trial->findings.items[i] = NULL;
		if (!hash_set_add(&campaign->fingerprints, finding->fingerprint)) {
			finding_close(finding);
			continue;
		}
		keep_output(campaign);
		if (finding_list_add(&campaign->result->findings, finding) == 0)
			any = true;
	}
	trial->findings.n = 0;
	return any;
}

static bool is_kind(const struct finding *finding, const char *kind)
{
	return strcmp(finding->kind, kind) == 0;
}

/* In creation order without preemption, a failure is the command's own, not one of its interleavings'. */
static bool fails_by_itself(const struct finding *finding)
{
	return is_kind(finding, "assert") || is_kind(finding, "crash") || is_kind(finding, "exit") ||
		is_kind(finding, "check");
}

static bool judge_first(struct campaign *campaign, struct trial *trial)
{
	struct campaign_result *result = campaign->result;

	if (trial->findings.n == 0 || !fails_by_itself(trial->findings.items[0]))
		return true;
	snprintf(result->reason, sizeof result->reason, "%s", trial->findings.items[0]->message);
	keep_output(campaign);
	result->verdict = VERDICT_COMMAND_FAILS;
	result->exit_code = EXIT_COMMAND_FAILS;
	return false;
}

static void complete_plan(struct campaign *campaign)
{
	struct plan *plan = &campaign->draft.plan;

	if (plan->clock_start_ns == 0)
		plan->clock_start_ns = CAMPAIGN_CLOCK_START_NS;
	if (plan->max_steps == 0)
		plan->max_steps = LIMIT_STEPS;
	if (plan->seed == 0)
		plan->seed = campaign->options.strategy_options.seed;
}

/* Runs the draft as a reference. False: the campaign is over. */
static bool run_reference(struct campaign *campaign)
{
	struct campaign_result *result = campaign->result;
	struct trial trial;
	bool go_on = true;

	trial_run(campaign, &trial);
	result->reference_executions++;
	if (trial.failed) {
		trial_close(&trial);
		return false;
	}
	if (campaign->options.oracle.serial)
		oracle_learn(campaign->oracle, &trial.observation);
	if (trial_judge(campaign, &trial) < 0)
		go_on = false;
	else if (result->reference_executions == 1)
		go_on = judge_first(campaign, &trial);
	if (go_on && campaign_take(campaign, &trial) && !campaign->options.keep_going)
		go_on = false;
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

/* Without the oracle there is still a first execution, in creation order. */
static bool run_first(struct campaign *campaign)
{
	if (campaign->options.oracle.serial)
		return campaign_references(campaign);
	plan_draft_clear(&campaign->draft);
	campaign->draft.plan.chooser = CHOOSER_SERIAL;
	campaign->draft.plan.seed = campaign->options.strategy_options.seed;
	complete_plan(campaign);
	return run_reference(campaign);
}

/* One exploring execution. False: the campaign is over. */
static bool explore_once(struct campaign *campaign)
{
	const struct strategy *strategy = campaign->options.strategy;
	struct campaign_result *result = campaign->result;
	struct trial trial;
	bool found = false;

	complete_plan(campaign);
	trial_run(campaign, &trial);
	if (trial.failed) {
		trial_close(&trial);
		return false;
	}
	uint64_t number = campaign->number;
	result->executions++;
	if (campaign->options.observed)
		campaign->options.observed(campaign->options.progress_state, result->executions, trial.trace,
			campaign->execution);
	if (trial_judge(campaign, &trial) < 0 || trial_judge_outcome(campaign, &trial) < 0) {
		fail(result, "race: out of memory");
		trial_close(&trial);
		return false;
	}
	found = campaign_take(campaign, &trial);
	strategy->learn(campaign->strategy, number, trial.trace, found);
	trial_close(&trial);
	return (!found || campaign->options.keep_going) && result->exit_code == EXIT_CLEAN;
}

static void explore(struct campaign *campaign)
{
	const struct strategy *strategy = campaign->options.strategy;
	struct campaign_result *result = campaign->result;

	campaign->phase = "exploring";
	while (!campaign_is_over(campaign)) {
		if (campaign->options.max_executions && result->executions >= campaign->options.max_executions) {
			result->executions_used = true;
			return;
		}
		plan_draft_clear(&campaign->draft);
		campaign->draft.plan.number = campaign->number + 1;
		if (strategy->next(campaign->strategy, &campaign->draft) != STRATEGY_READY || !explore_once(campaign))
			return;
	}
}

static void conclude(struct campaign *campaign)
{
	struct campaign_result *result = campaign->result;

	result->seconds = campaign_seconds(campaign);
	result->executions_per_second = result->seconds > 0 ? (double)campaign->number / result->seconds : 0;
	result->distinct_traces = campaign->traces.n;
	result->carrier = execution_carrier(campaign->execution);
	result->reuse = execution_reuse(campaign->execution);
	result->exhaustion.fraction_left = -1;
	campaign->options.strategy->exhaustion(campaign->strategy, &result->exhaustion);
	oracle_summary(campaign->oracle, &result->units);
	if (result->findings.n > 0) {
		result->verdict = VERDICT_FINDINGS;
		result->exit_code = EXIT_FINDINGS;
	}
}

int campaign_run(struct campaign *campaign, struct campaign_result *result)
{
	campaign->result = result;
	if (run_first(campaign) && result->exit_code == EXIT_CLEAN)
		explore(campaign);
	conclude(campaign);
	return 0;
}

struct execution *campaign_execution(struct campaign *campaign)
{
	return campaign->execution;
}

void campaign_close(struct campaign *campaign, struct campaign_result *result)
{
	if (result) {
		finding_list_clear(&result->findings);
		for (uint32_t i = 0; i < result->nuncontrolled; i++)
			free(result->uncontrolled[i].where);
		free(result->uncontrolled);
		free(result->output);
		result->uncontrolled = NULL;
		result->nuncontrolled = 0;
		result->output = NULL;
	}
	if (!campaign)
		return;
	if (campaign->strategy)
		campaign->options.strategy->close(campaign->strategy);
	oracle_close(campaign->oracle);
	plan_draft_free(&campaign->draft);
	hash_set_fini(&campaign->traces);
	hash_set_fini(&campaign->fingerprints);
	execution_close(campaign->execution);
	free(campaign);
}
