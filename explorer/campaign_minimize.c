/* Shrinking and enriching a finding: the same failure, shorter; then once more with stacks and values. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "campaign_private.h"
#include "detect/detector.h"
#include "minimize.h"

/* Where a single execution takes a second, a long schedule now is worth more than a short one in ten minutes. */
enum { MINIMIZE_SECONDS = 30 };

static int load_draft(struct campaign *campaign, const struct finding *finding)
{
	plan_draft_clear(&campaign->draft);
	campaign->draft.plan = finding->plan;
	for (uint32_t i = 0; i < finding->nprefix; i++)
		if (plan_draft_add(&campaign->draft, finding->prefix[i]) < 0)
			return -1;
	return 0;
}

/* The finding with this kind and fingerprint among a trial's; NULL: it does not fail in the same way. */
static struct finding *same_failure(const struct trial *trial, const struct finding *finding)
{
	for (uint32_t i = 0; i < trial->findings.n; i++) {
		struct finding *other = trial->findings.items[i];
		if (strcmp(other->kind, finding->kind) == 0 && other->fingerprint == finding->fingerprint)
			return other;
	}
	return NULL;
}

/* Runs the draft and judges it as the campaign did; -1: it could not be run, or not be judged any more. */
static int run_draft(struct campaign *campaign, struct trial *trial)
{
	trial_run(campaign, trial);
	if (trial->failed)
		return -1;
	campaign->result->confirming_executions++;
	if (trial_judge(campaign, trial) < 0 || trial_judge_outcome(campaign, trial) < 0)
		return -1;
	return trial->unjudged ? -1 : 0;
}

/* The search is over, its budget perhaps used up; what is done now for its findings is counted anew. */
static void begin(struct campaign *campaign, enum heed heed)
{
	campaign->heed = heed;
	campaign->stopped = false;
	campaign->phase = "minimizing";
}

static int replace_prefix(struct campaign *campaign, struct finding *finding, const struct minimize *minimize)
{
	if (minimize_best(minimize, &campaign->draft) < 0)
		return -1;
	struct directive *prefix = malloc((campaign->draft.nprefix + 1ul) * sizeof *prefix);
	if (!prefix)
		return -1;
	memcpy(prefix, campaign->draft.prefix, campaign->draft.nprefix * sizeof *prefix);
	free(finding->prefix);
	finding->prefix = prefix;
	finding->nprefix = campaign->draft.nprefix;
	finding->plan.nprefix = finding->nprefix;
	finding->plan.flags = campaign->draft.plan.flags;
	return 0;
}

/* The trace that the search starts from: the finding's own execution, once more. */
static struct minimize *open_search(struct campaign *campaign, const struct finding *finding)
{
	struct minimize *minimize = NULL;
	struct trial trial;

	if (load_draft(campaign, finding) < 0)
		return NULL;
	if (run_draft(campaign, &trial) == 0 && same_failure(&trial, finding))
		minimize = minimize_open(trial.trace);
	trial_close(&trial);
	return minimize;
}

int campaign_minimize(struct campaign *campaign, struct finding *finding, uint64_t max_executions)
{
	time_t end = time(NULL) + MINIMIZE_SECONDS;

	begin(campaign, HEED_STOP);
	struct minimize *minimize = open_search(campaign, finding);
	if (!minimize)
		return -1;
	for (uint64_t i = 0; i < max_executions && !campaign_is_over(campaign) && time(NULL) < end; i++) {
		struct trial trial;
		plan_draft_clear(&campaign->draft);
		campaign->draft.plan = finding->plan;
		if (minimize_next(minimize, &campaign->draft) != STRATEGY_READY)
			break;
		int result = run_draft(campaign, &trial);
		if (result == 0)
			minimize_learn(minimize, trial.trace, same_failure(&trial, finding) != NULL);
		trial_close(&trial);
		if (result < 0)
			break;
	}
	int result = replace_prefix(campaign, finding, minimize);
	minimize_close(minimize);
	return result;
}

static void swap_places(struct finding *left, struct finding *right)
{
	struct finding_place *places = left->places;
	uint32_t nplaces = left->nplaces, capacity = left->places_capacity;
	char *message = left->message;

	left->places = right->places;
	left->nplaces = right->nplaces;
	left->places_capacity = right->places_capacity;
	left->message = right->message;
	right->places = places;
	right->nplaces = nplaces;
	right->places_capacity = capacity;
	right->message = message;
}

int campaign_enrich(struct campaign *campaign, struct finding *finding)
{
	struct trial trial;

	begin(campaign, HEED_NOTHING);
	if (load_draft(campaign, finding) < 0)
		return -1;
	campaign->draft.plan.flags |= PLAN_RICH;
	if (run_draft(campaign, &trial) < 0) {
		trial_close(&trial);
		return -1;
	}
	struct finding *same = same_failure(&trial, finding);
	if (same)
		swap_places(finding, same);
	trace_close(finding->trace);
	finding->trace = trial.trace;
	trial.trace = NULL;
	trial.observation.trace = NULL;
	trial_close(&trial);
	return same ? 0 : -1;
}
