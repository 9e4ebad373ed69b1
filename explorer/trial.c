/* One execution of a campaign: run, observed, judged. */
#include <stdlib.h>
#include <string.h>

#include "campaign_private.h"
#include "check.h"
#include "detect/detector.h"
#include "fingerprint.h"
#include "schedule.h"

static void run(struct campaign *campaign, struct trial *trial, struct follower *follower)
{
	char reason[sizeof campaign->result->reason] = "";
	int exit_code = EXIT_CLEAN;

	*trial = (struct trial){0};
	campaign->draft.plan.number = ++campaign->number;
	if (execution_run(campaign->execution, &campaign->draft, follower, &trial->trace, reason, sizeof reason,
		    &exit_code) < 0) {
		trial->failed = true;
		campaign_end(campaign, exit_code, reason);
	} else if (execution_observe(campaign->execution, trial->trace, &trial->observation, reason, sizeof reason) < 0) {
		trial->failed = true;
		campaign_fail(campaign, reason);
	}
}

void trial_run(struct campaign *campaign, struct trial *trial)
{
	run(campaign, trial, NULL);
}

void trial_close(struct trial *trial)
{
	observation_close(&trial->observation);
	trace_close(trial->trace);
	finding_list_clear(&trial->findings);
	free(trial->output);
	*trial = (struct trial){0};
}

/* Before others run: what is printed belongs to the execution run last. */
static void keep_output(struct campaign *campaign, struct trial *trial)
{
	bool truncated;
	size_t nbytes;
	const char *output;

	if (trial->output || campaign->result->output)
		return;
	output = execution_output(campaign->execution, &nbytes, &truncated);
	trial->output = nbytes > 0 ? strdup(output) : NULL;
}

/* How many choices PLAN_CALM has made: those up to the first that listens. */
static uint32_t ncalm(const struct trace *trace)
{
	uint32_t n = 0, last = trace_first(trace, OP_LISTEN);

	for (uint32_t i = 0; i < trace->nsteps && i <= last; i++)
		n += trace->steps[i].choice != TRACE_NO_CHOICE;
	for (uint32_t i = 0; i < trace->nvalue_choices && trace->value_choices[i].at_step <= last; i++)
		n += trace->value_choices[i].choice != TRACE_NO_CHOICE;
	return n;
}

/*
 * How to repeat it: the choices as they were made, whatever made them. Those of a calm start are left to the plan: it
 * makes them again where another seed lets the program make more or fewer.
 */
static int attach_plan(struct campaign *campaign, struct finding *finding, const struct trial *trial)
{
	const struct trace *trace = trial->trace;
	bool calm = (campaign->draft.plan.flags & PLAN_CALM) && trace_first(trace, OP_LISTEN) < trace->nsteps;
	uint32_t nskipped = calm ? ncalm(trace) : 0;

	finding->plan = campaign->draft.plan;
	finding->plan.chooser = CHOOSER_FIRST;
	finding->plan.flags = calm ? PLAN_CALM : 0;
	finding->plan.norder = 0;
	finding->prefix = malloc((trace->nchoices + 1ul) * sizeof *finding->prefix);
	if (!finding->prefix)
		return -1;
	finding->nprefix = trace_prefix(trace, trace->nchoices, finding->prefix, trace->nchoices + 1) - nskipped;
	memmove(finding->prefix, finding->prefix + nskipped, finding->nprefix * sizeof *finding->prefix);
	finding->plan.nprefix = finding->nprefix;
	finding->reference = trial->reference;
	finding->execution = trial->reference ? 0 : campaign->result->executions;
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
		if (attach_plan(campaign, trial->findings.items[i], trial) < 0)
			return -1;
	}
	if (trial->findings.n > 0)
		keep_output(campaign, trial);
	return 0;
}

/* Runs the references that an answer needs. ORACLE_UNKNOWN: the campaign ended before it was known. */
static enum oracle_verdict ask_oracle(struct campaign *campaign, const struct observation *observation,
	struct finding **finding)
{
	enum oracle_verdict verdict;
	bool more = true;

	while ((verdict = oracle_judge(campaign->oracle, observation, finding)) == ORACLE_UNKNOWN && more) {
		struct plan_draft saved = campaign->draft;
		campaign->draft = (struct plan_draft){0};
		more = campaign_references(campaign);
		plan_draft_free(&campaign->draft);
		campaign->draft = saved;
	}
	return verdict;
}

static void load_plan(struct campaign *campaign, const struct finding *finding, uint64_t salt)
{
	plan_draft_clear(&campaign->draft);
	campaign->draft.plan = finding->plan;
	campaign->draft.plan.nprefix = 0;
	campaign->draft.plan.seed += salt * 7919;
	campaign->draft.plan.clock_start_ns += salt * 86400000000000ULL * 17;
}

static enum oracle_verdict run_repetition(struct campaign *campaign, struct follower *follower)
{
	enum oracle_verdict verdict = ORACLE_UNKNOWN;
	struct trial trial;

	run(campaign, &trial, follower);
	if (!trial.failed) {
		campaign->result->confirming_executions++;
		verdict = ask_oracle(campaign, &trial.observation, NULL);
	}
	trial_close(&trial);
	return verdict;
}

static enum oracle_verdict repeat_choices(struct campaign *campaign, const struct finding *finding, uint64_t salt)
{
	load_plan(campaign, finding, salt);
	for (uint32_t i = 0; i < finding->nprefix; i++)
		if (plan_draft_add(&campaign->draft, finding->prefix[i]) < 0)
			return ORACLE_UNKNOWN;
	return run_repetition(campaign, NULL);
}

static enum oracle_verdict repeat_schedule(struct campaign *campaign, const struct finding *finding,
	const struct schedule *schedule, uint64_t salt)
{
	struct follower *follower = schedule ? follower_open(schedule, campaign->symbols, true) : NULL;
	enum oracle_verdict verdict = ORACLE_UNKNOWN;

	if (!follower)
		return verdict;
	load_plan(campaign, finding, salt);
	campaign->draft.plan.flags = 0;
	verdict = run_repetition(campaign, follower);
	follower_close(follower);
	return verdict;
}

/*
 * The same interleaving under another seed and clock: what is no accident is illegal again. The same choices are the
 * same interleaving as long as the program makes the same operations; interpreters, whose hashes depend on the seed,
 * take a lock more or less. Then its schedule is followed, which names what matters.
 */
static enum oracle_verdict repeat(struct campaign *campaign, const struct finding *finding,
	const struct trace *trace, uint64_t salt)
{
	enum oracle_verdict verdict = repeat_choices(campaign, finding, salt);

	if (verdict == ORACLE_ILLEGAL || verdict == ORACLE_UNKNOWN)
		return verdict;
	struct schedule *schedule = schedule_from_trace(trace, campaign->symbols);
	enum oracle_verdict followed = repeat_schedule(campaign, finding, schedule, salt);
	schedule_close(schedule);
	return followed == ORACLE_ILLEGAL ? followed : verdict;
}

static enum oracle_verdict confirm(struct campaign *campaign, const struct finding *finding, const struct trace *trace)
{
	const char *phase = campaign->phase;
	enum oracle_verdict verdict = ORACLE_ILLEGAL;

	campaign->phase = "confirming";
	for (uint64_t salt = 1; salt <= 2 && verdict == ORACLE_ILLEGAL; salt++)
		verdict = repeat(campaign, finding, trace, salt);
	campaign->phase = phase;
	return verdict;
}

int trial_judge_outcome(struct campaign *campaign, struct trial *trial)
{
	struct finding *finding = NULL;

	if (!campaign->options.oracle.serial || trial->findings.n > 0)
		return 0;
	trial->verdict = oracle_judge(campaign->oracle, &trial->observation, &finding);
	if (trial->verdict == ORACLE_UNKNOWN || trial->verdict == ORACLE_ILLEGAL)
		keep_output(campaign, trial);
	if (trial->verdict == ORACLE_UNKNOWN)
		trial->verdict = ask_oracle(campaign, &trial->observation, &finding);
	if (trial->verdict == ORACLE_ILLEGAL && finding) {
		if (attach_plan(campaign, finding, trial) < 0) {
			finding_close(finding);
			return -1;
		}
		trial->verdict = confirm(campaign, finding, trial->trace);
	}
	trial->unjudged = trial->verdict == ORACLE_UNKNOWN;
	if (trial->verdict == ORACLE_ILLEGAL && finding)
		return finding_list_add(&trial->findings, finding);
	finding_close(finding);
	return 0;
}
