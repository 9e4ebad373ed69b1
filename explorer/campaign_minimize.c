/* Shrinking and enriching a finding: the same failure, shorter; then once more with stacks and values. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "campaign_private.h"
#include "detect/detector.h"
#include "minimize.h"

/* Where a single execution takes a second, a long schedule now is worth more than a short one in ten minutes. */
enum { MINIMIZE_SECONDS = 30 };

/* What fails once may do so by luck, where the program depends on more than race controls. */
enum { CONFIRMATIONS = 2, ENRICHMENTS = 3 };

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

static bool is_same_text(const char *left, const char *right)
{
	return strcmp(left ? left : "", right ? right : "") == 0;
}

/* With stacks another frame may stand for a place than its site alone: then what is said of it counts. */
static struct finding *same_failure_with_stacks(const struct trial *trial, const struct finding *finding)
{
	struct finding *same = same_failure(trial, finding);

	for (uint32_t i = 0; i < trial->findings.n && !same; i++) {
		struct finding *other = trial->findings.items[i];
		if (strcmp(other->kind, finding->kind) == 0 && is_same_text(other->class, finding->class) &&
			is_same_text(other->subject, finding->subject))
			same = other;
	}
	return same;
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

/* A way to repeat a finding. */
struct recipe {
	struct plan plan;
	struct directive *prefix;
	uint32_t nprefix;
};

static int best_recipe(struct campaign *campaign, const struct finding *finding, const struct minimize *minimize,
	struct recipe *recipe)
{
	if (minimize_best(minimize, &campaign->draft) < 0)
		return -1;
	*recipe = (struct recipe){.plan = finding->plan, .nprefix = campaign->draft.nprefix};
	recipe->prefix = malloc((recipe->nprefix + 1ul) * sizeof *recipe->prefix);
	if (!recipe->prefix)
		return -1;
	memcpy(recipe->prefix, campaign->draft.prefix, recipe->nprefix * sizeof *recipe->prefix);
	recipe->plan.nprefix = recipe->nprefix;
	recipe->plan.flags = campaign->draft.plan.flags;
	return 0;
}

static void swap_recipe(struct finding *finding, struct recipe *recipe)
{
	struct recipe own = {finding->plan, finding->prefix, finding->nprefix};

	finding->plan = recipe->plan;
	finding->prefix = recipe->prefix;
	finding->nprefix = recipe->nprefix;
	*recipe = own;
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

static bool still_fails(struct campaign *campaign, const struct finding *finding)
{
	bool fails = true;

	for (int i = 0; i < CONFIRMATIONS && fails; i++) {
		struct trial trial = {0};
		fails = load_draft(campaign, finding) == 0 && run_draft(campaign, &trial) == 0 && same_failure(&trial, finding);
		trial_close(&trial);
	}
	return fails;
}

/* Where the short way fails no more the long one is kept. */
static int replace_recipe(struct campaign *campaign, struct finding *finding, const struct minimize *minimize)
{
	struct recipe recipe;

	if (best_recipe(campaign, finding, minimize, &recipe) < 0)
		return -1;
	swap_recipe(finding, &recipe);
	begin(campaign, HEED_NOTHING);
	if (!still_fails(campaign, finding))
		swap_recipe(finding, &recipe);
	free(recipe.prefix);
	return 0;
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
	int result = replace_recipe(campaign, finding, minimize);
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

static int enrich(struct campaign *campaign, struct finding *finding)
{
	struct trial trial = {0};
	struct finding *same = NULL;

	if (load_draft(campaign, finding) < 0)
		return -1;
	campaign->draft.plan.flags |= PLAN_RICH;
	if (run_draft(campaign, &trial) == 0)
		same = same_failure_with_stacks(&trial, finding);
	if (same) {
		swap_places(finding, same);
		trace_close(finding->trace);
		finding->trace = trial.trace;
		trial.trace = NULL;
		trial.observation.trace = NULL;
	}
	trial_close(&trial);
	return same ? 0 : -1;
}

int campaign_enrich(struct campaign *campaign, struct finding *finding)
{
	begin(campaign, HEED_NOTHING);
	for (int i = 0; i < ENRICHMENTS; i++)
		if (enrich(campaign, finding) == 0)
			return 0;
	return -1;
}
