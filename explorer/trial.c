/* One execution of a campaign: run, observed, judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign_private.h"
#include "check.h"
#include "detect/detector.h"
#include "fingerprint.h"

static void note_uncontrolled(struct campaign *campaign, const struct trace *trace)
{
	struct campaign_result *result = campaign->result;

	for (uint32_t i = 0; i < trace->nuncontrolled; i++) {
		const struct trace_uncontrolled *entry = &trace->uncontrolled[i];
		struct symbol symbol;
		char where[256];
		uint32_t at = 0;
		symbols_code(campaign->symbols, trace->tasks[entry->task].process, entry->site, &symbol);
		snprintf(where, sizeof where, "%s%s%s", entry->text, *entry->text && symbol.function ? " in " : "",
			symbol.function ? symbol.function : entry->text[0] ? "" : symbol.module ? symbol.module : "?");
		while (at < result->nuncontrolled && (result->uncontrolled[at].reason != entry->reason ||
							     strcmp(result->uncontrolled[at].where, where) != 0))
			at++;
		if (at == result->nuncontrolled) {
			struct campaign_uncontrolled *grown =
				realloc(result->uncontrolled, (at + 1) * sizeof *grown);
			if (!grown)
				return;
			result->uncontrolled = grown;
			grown[at] = (struct campaign_uncontrolled){.reason = entry->reason, .where = strdup(where)};
			result->nuncontrolled++;
		}
		result->uncontrolled[at].count++;
	}
}

void trial_run(struct campaign *campaign, struct trial *trial)
{
	struct campaign_result *result = campaign->result;
	int exit_code = EXIT_CLEAN;

	*trial = (struct trial){0};
	campaign->draft.plan.number = ++campaign->number;
	if (execution_run(campaign->execution, &campaign->draft, NULL, &trial->trace, result->reason,
		    sizeof result->reason, &exit_code) < 0 ||
		execution_observe(campaign->execution, trial->trace, &trial->observation) < 0) {
		trial->failed = true;
		result->exit_code = exit_code;
		result->verdict = exit_code == EXIT_INTERNAL ? VERDICT_INTERNAL : VERDICT_UNCONTROLLED;
		return;
	}
	note_uncontrolled(campaign, trial->trace);
	hash_set_add(&campaign->traces, trial->trace->result.hash);
	result->distinct_traces = campaign->traces.n;
}

void trial_close(struct trial *trial)
{
	observation_close(&trial->observation);
	trace_close(trial->trace);
	finding_list_clear(&trial->findings);
	*trial = (struct trial){0};
}

/* How to repeat it: the choices as they were made, whatever made them. */
static int attach_plan(struct campaign *campaign, struct finding *finding, const struct trace *trace)
{
	finding->plan = campaign->draft.plan;
	finding->plan.chooser = CHOOSER_FIRST;
	finding->plan.flags = 0;
	finding->prefix = malloc((trace->nchoices + 1ul) * sizeof *finding->prefix);
	if (!finding->prefix)
		return -1;
	finding->nprefix = trace_prefix(trace, trace->nchoices, finding->prefix, trace->nchoices + 1);
	finding->plan.nprefix = finding->nprefix;
	finding->execution = campaign->result->executions;
	finding->fingerprint = fingerprint_of(finding, campaign->symbols);
	return 0;
}

int trial_judge(struct campaign *campaign, struct trial *trial)
{
	if (detector_judge(trial->trace, &trial->findings) < 0)
		return -1;
	if (campaign->options.check && trial->findings.n == 0 &&
		check_run(campaign->options.check, execution_control(campaign->execution), trial->trace,
			&trial->findings) < 0)
		return -1;
	for (uint32_t i = 0; i < trial->findings.n; i++) {
		trial->findings.items[i]->serial = trial->trace->result.npreemptions == 0;
		if (attach_plan(campaign, trial->findings.items[i], trial->trace) < 0)
			return -1;
	}
	return 0;
}

/* The same choices under another seed and clock: what is no accident is illegal again. */
static bool is_illegal_again(struct campaign *campaign, const struct finding *finding, uint64_t salt)
{
	struct trial trial;
	bool illegal = false;

	plan_draft_clear(&campaign->draft);
	campaign->draft.plan = finding->plan;
	campaign->draft.plan.seed += salt * 7919;
	campaign->draft.plan.clock_start_ns += salt * 86400000000000ULL * 17;
	for (uint32_t i = 0; i < finding->nprefix; i++)
		if (plan_draft_add(&campaign->draft, finding->prefix[i]) < 0)
			return false;
	trial_run(campaign, &trial);
	campaign->result->confirming_executions++;
	if (!trial.failed) {
		enum oracle_verdict verdict = oracle_judge(campaign->oracle, &trial.observation, NULL);
		illegal = verdict == ORACLE_ILLEGAL || verdict == ORACLE_UNKNOWN;
	}
	trial_close(&trial);
	return illegal;
}

int trial_judge_outcome(struct campaign *campaign, struct trial *trial)
{
	struct finding *finding = NULL;
	enum oracle_verdict verdict;

	if (!campaign->options.oracle.serial || trial->findings.n > 0)
		return 0;
	while ((verdict = oracle_judge(campaign->oracle, &trial->observation, &finding)) == ORACLE_UNKNOWN) {
		struct plan_draft saved = campaign->draft;
		campaign->draft = (struct plan_draft){0};
		bool more = campaign_references(campaign);
		plan_draft_free(&campaign->draft);
		campaign->draft = saved;
		if (!more)
			return 0;
	}
	if (verdict != ORACLE_ILLEGAL || !finding)
		return 0;
	if (attach_plan(campaign, finding, trial->trace) < 0)
		return -1;
	const char *phase = campaign->phase;
	campaign->phase = "confirming";
	bool real = is_illegal_again(campaign, finding, 1) && is_illegal_again(campaign, finding, 2);
	campaign->phase = phase;
	if (!real) {
		finding_close(finding);
		return 0;
	}
	return finding_list_add(&trial->findings, finding);
}
