/*
 * The search of a campaign: the strategy's plans are run and judged, or answered from the journal of an earlier
 * session, and the strategy learns what came of them.
 */
#include <stdlib.h>

#include "campaign_private.h"
#include "shared/hash.h"
#include "uncontrolled.h"

/* What an execution came to, besides its trial. */
struct outcome_note {
	char *notes; /* of uncontrolled.h */
	size_t nbytes;
	uint32_t flags; /* enum journal_flag */
};

static void count(struct campaign *campaign, const struct trace *trace)
{
	struct campaign_result *result = campaign->result;

	result->executions++;
	result->trace_digest = hash_bytes(result->trace_digest, &trace->result.hash, sizeof trace->result.hash);
	hash_set_add(&campaign->traces, trace->result.hash);
	result->distinct_traces = campaign->traces.n;
	campaign->ndiverged += trace->result.outcome == OUTCOME_DIVERGED;
}

static uint32_t count_remarks(const struct campaign *campaign)
{
	struct oracle_summary summary;

	oracle_summary(campaign->oracle, &summary);
	return summary.nremarks;
}

/* Judges a trial and takes its findings. -1: memory is short. */
static int judge(struct campaign *campaign, struct trial *trial, struct outcome_note *note)
{
	uint32_t nremarks = count_remarks(campaign);

	if (trial_judge(campaign, trial) < 0)
		return -1;
	note->notes = uncontrolled_notes(trial->trace, campaign->symbols, trial->findings.n > 0, &note->nbytes);
	if (!note->notes || trial_judge_outcome(campaign, trial) < 0)
		return -1;
	campaign_note(campaign, note->notes, note->nbytes);
	oracle_note(campaign->oracle, trial->trace, trial->verdict);
	campaign->nunjudged += trial->unjudged;
	if (campaign_take(campaign, trial))
		note->flags |= JOURNAL_FOUND;
	if (trial->verdict == ORACLE_SUSPECT)
		note->flags |= JOURNAL_SUSPECT;
	if (trial->unjudged || count_remarks(campaign) > nremarks)
		note->flags |= JOURNAL_AGAIN;
	return 0;
}

static int hold(struct campaign *campaign, const struct trial *trial, uint64_t plan)
{
	const void *records = execution_records(campaign->execution);

	if (!campaign->journal)
		return 0;
	return journal_hold(campaign->journal, campaign->result->executions, plan, &trial->trace->result, records,
		execution_control(campaign->execution));
}

static void keep(struct campaign *campaign, const struct outcome_note *note)
{
	char reason[512];

	if (campaign->journal && journal_keep(campaign->journal, note->flags, note->notes, note->nbytes, reason,
		sizeof reason) < 0)
		campaign_warn(campaign, reason);
}

/* Runs the draft and judges it; it goes into the journal unless it is there. False: it could not be run. */
static bool run(struct campaign *campaign, uint64_t plan, bool recalled, struct trial *trial, struct outcome_note *note)
{
	trial_run(campaign, trial);
	if (trial->failed)
		return false;
	count(campaign, trial->trace);
	if (campaign->options.observed)
		campaign->options.observed(campaign->options.progress_state, campaign->result->executions, trial->trace,
			campaign->execution);
	if ((!recalled && hold(campaign, trial, plan) < 0) || judge(campaign, trial, note) < 0) {
		campaign_fail(campaign, "race: out of memory");
		return false;
	}
	if (!recalled)
		keep(campaign, note);
	return true;
}

static bool learn(struct campaign *campaign, uint64_t number, const struct trace *trace, uint32_t flags)
{
	const struct campaign_result *result = campaign->result;

	campaign->options.strategy->learn(campaign->strategy, number, trace, flags & JOURNAL_FOUND);
	return (result->findings.n == 0 || campaign->options.keep_going) && result->exit_code == EXIT_CLEAN;
}

/*
 * An answer of an earlier session. Where it taught more than is written down, it is run and judged once more; the
 * strategy learns what it learned then.
 */
static bool recall(struct campaign *campaign, uint64_t number, const struct journal_answer *answer)
{
	struct outcome_note note = {0};
	struct trial trial = {0};
	bool go_on = true;

	campaign->nrecalled++;
	campaign->earlier_seconds += (double)answer->elapsed_ns / 1e9;
	if (answer->flags & (JOURNAL_FOUND | JOURNAL_AGAIN)) {
		go_on = run(campaign, 0, true, &trial, &note);
		trial_close(&trial);
		free(note.notes);
	} else {
		count(campaign, answer->trace);
		campaign_note(campaign, answer->notes, answer->note_bytes);
		oracle_note(campaign->oracle, answer->trace,
			answer->flags & JOURNAL_SUSPECT ? ORACLE_SUSPECT : ORACLE_LEGAL);
	}
	return learn(campaign, number, answer->trace, answer->flags) && go_on;
}

/* References meet no faults: they say what should be. */
static void complete(const struct campaign *campaign, struct plan *plan)
{
	campaign_complete_plan(campaign, plan);
	plan->faults = campaign->options.faults;
}

/* What runs ahead must be wanted in any case, and leave nothing to be done between executions. */
static bool foresee(void *state, uint32_t distance, struct plan_draft *draft)
{
	const struct campaign *campaign = state;
	const struct campaign_options *options = &campaign->options;
	uint64_t number = draft->plan.number;

	if (options->max_executions && campaign->asked + distance > options->max_executions)
		return false;
	draft->plan.number = campaign->asked + distance;
	bool known = options->strategy->foresee(campaign->strategy, distance, draft);
	complete(campaign, &draft->plan);
	draft->plan.number = number;
	return known;
}

/* Detectors look for what a usable answer does not have; the others say themselves. */
static bool is_enough(void *state, const struct result *result)
{
	const struct campaign *campaign = state;

	return campaign->options.strategy->blind && !campaign->options.oracle.serial &&
		oracle_is_told(campaign->oracle, result);
}

static bool can_foresee(const struct campaign *campaign)
{
	const struct campaign_options *options = &campaign->options;

	return options->strategy->foresee && !options->check && !options->observed;
}

static bool run_new(struct campaign *campaign, uint64_t number, uint64_t plan)
{
	struct outcome_note note = {0};
	struct outlook outlook = {.foresee = foresee, .is_enough = is_enough, .state = campaign};
	struct trial trial;

	if (can_foresee(campaign))
		execution_foresee(campaign->execution, &outlook);
	bool go_on = run(campaign, plan, false, &trial, &note) && learn(campaign, number, trial.trace, note.flags);
	execution_foresee(campaign->execution, NULL);
	trial_close(&trial);
	free(note.notes);
	return go_on;
}

/* One exploring execution. False: the campaign is over. */
static bool explore_once(struct campaign *campaign, uint64_t number)
{
	char reason[sizeof campaign->result->reason];
	struct journal_answer answer = {0};
	enum journal_recall recalled = JOURNAL_NO_MORE;
	uint64_t plan;

	complete(campaign, &campaign->draft.plan);
	plan = campaign->journal ? journal_plan(&campaign->draft) : 0;
	if (campaign->journal)
		recalled = journal_recall(campaign->journal, number, plan, &answer, reason, sizeof reason);
	campaign->phase = recalled == JOURNAL_NO_MORE ? "exploring" : "resuming";
	switch (recalled) {
	case JOURNAL_RECALLED: {
		bool go_on = recall(campaign, number, &answer);
		trace_close(answer.trace);
		return go_on;
	}
	case JOURNAL_NO_MORE:
		return run_new(campaign, number, plan);
	default:
		campaign_end(campaign, EXIT_USAGE, reason);
		return false;
	}
}

void campaign_explore(struct campaign *campaign)
{
	const struct strategy *strategy = campaign->options.strategy;
	struct campaign_result *result = campaign->result;

	campaign->phase = "exploring";
	while (!campaign_is_over(campaign)) {
		if (campaign->options.max_executions && result->executions >= campaign->options.max_executions) {
			result->executions_used = true;
			return;
		}
		/* numbered without references and repetitions, so that the same search asks for the same plans */
		plan_draft_clear(&campaign->draft);
		campaign->draft.plan.number = ++campaign->asked;
		if (strategy->next(campaign->strategy, &campaign->draft) != STRATEGY_READY ||
			!explore_once(campaign, campaign->asked))
			return;
	}
}
