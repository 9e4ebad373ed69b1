/*
 * Directed search: suspicions (suspicion.h) of every trace are tried, most suspicious first. Suspicions of the same
 * operations at the same places are tried a few times at most, and only the first of them before all others.
 */
#include "directed.h"

#include <stdlib.h>
#include <string.h>

#include "signatures.h"
#include "suspicion.h"

enum {
	MOST_CANDIDATES = 4096,
	MOST_TRACES = 2000, /* from which suspicions are read */
	ROUNDS = 4,         /* how often one signature is tried */
	QUEUES = ROUNDS * SUSPICION_RANKS,
};

/* The choices of one trace, shared by the candidates that start like it. */
struct path {
	uint32_t nrefs, n;
	uint64_t *hashes; /* [n + 1]: of the first so many directives; only while its trace is read */
	struct directive directives[];
};

struct candidate {
	struct candidate *next;
	struct path *path;
	uint32_t nchoices, nruns;
	struct directive runs[SUSPICION_RUNS];
};

struct queue {
	struct candidate *first, **last;
};

struct directed {
	uint64_t seed;
	uint16_t chooser;
	bool started;
	uint32_t ncandidates, ntraces, nflights, longest;
	struct signatures signatures, plans;
	struct queue queues[QUEUES]; /* by round, then by rank */
	struct path *path;           /* of the trace being read */
};

static void path_drop(struct path *path)
{
	if (path && --path->nrefs == 0)
		free(path);
}

static uint64_t hash_directive(uint64_t hash, struct directive directive)
{
	uint64_t head = (uint64_t)directive.form << 24 | (uint64_t)directive.kind << 16 | directive.task;
	return strategy_mix(hash ^ head << 32, directive.value);
}

static struct path *path_new(const struct trace *trace)
{
	struct path *path = malloc(sizeof(*path) + trace->nchoices * sizeof(path->directives[0]));
	if (!path)
		return NULL;
	path->nrefs = 1;
	path->n = trace_prefix(trace, trace->nchoices, path->directives, trace->nchoices);
	path->hashes = calloc(path->n + 1, sizeof(*path->hashes));
	if (!path->hashes) {
		free(path);
		return NULL;
	}
	for (uint32_t i = 0; i < path->n; i++)
		path->hashes[i + 1] = hash_directive(path->hashes[i], path->directives[i]);
	return path;
}

/* Is it the first suspicion that leads to this plan? */
static bool is_new_plan(struct directed *directed, const struct suspicion *suspicion)
{
	uint64_t hash = directed->path->hashes[suspicion->nchoices];
	for (uint32_t i = 0; i < suspicion->nruns; i++)
		hash = hash_directive(hash, suspicion->runs[i]);
	return signatures_add(&directed->plans, hash) == 0;
}

static void *open_with(const struct strategy_options *options, bool started)
{
	struct directed *directed = calloc(1, sizeof(*directed));
	if (!directed)
		return NULL;
	directed->seed = options->seed;
	directed->chooser = strategy_chooser(options, CHOOSER_FIRST);
	directed->started = started;
	for (uint32_t i = 0; i < QUEUES; i++)
		directed->queues[i].last = &directed->queues[i].first;
	return directed;
}

static void *directed_open(const struct strategy_options *options)
{
	return open_with(options, false);
}

void *directed_open_fed(const struct strategy_options *options)
{
	return open_with(options, true);
}

static struct candidate *candidate_take(struct directed *directed)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		struct queue *queue = &directed->queues[i];
		struct candidate *candidate = queue->first;
		if (!candidate)
			continue;
		queue->first = candidate->next;
		if (!queue->first)
			queue->last = &queue->first;
		directed->ncandidates--;
		return candidate;
	}
	return NULL;
}

static void candidate_free(struct candidate *candidate)
{
	path_drop(candidate->path);
	free(candidate);
}

static void directed_close(void *state)
{
	struct directed *directed = state;
	struct candidate *candidate;
	if (!directed)
		return;
	while ((candidate = candidate_take(directed)))
		candidate_free(candidate);
	signatures_fini(&directed->signatures);
	signatures_fini(&directed->plans);
	free(directed);
}

static int candidate_draft(const struct candidate *candidate, struct plan_draft *draft)
{
	for (uint32_t i = 0; i < candidate->nchoices; i++)
		if (plan_draft_add(draft, candidate->path->directives[i]))
			return -1;
	for (uint32_t i = 0; i < candidate->nruns; i++)
		if (plan_draft_add(draft, candidate->runs[i]))
			return -1;
	return 0;
}

static enum strategy_next directed_next(void *state, struct plan_draft *draft)
{
	struct directed *directed = state;
	struct candidate *candidate = candidate_take(directed);
	if (!candidate && directed->started)
		return directed->nflights ? STRATEGY_WAIT : STRATEGY_DONE;
	if (candidate && candidate_draft(candidate, draft))
		plan_draft_clear(draft); /* too long: left alone the program goes on by itself */
	if (candidate)
		candidate_free(candidate);
	draft->plan.seed = directed->seed;
	draft->plan.chooser = directed->chooser;
	draft->plan.max_steps = strategy_steps(directed->longest);
	directed->started = true;
	directed->nflights++;
	return STRATEGY_READY;
}

static int candidate_add(void *state, const struct suspicion *suspicion)
{
	struct directed *directed = state;
	if (suspicion->nchoices > directed->path->n || !is_new_plan(directed, suspicion))
		return 0;
	int64_t round = signatures_add(&directed->signatures, suspicion->signature);
	if (round < 0)
		return -1;
	if (round >= ROUNDS || directed->ncandidates >= MOST_CANDIDATES)
		return 0;
	struct candidate *candidate = calloc(1, sizeof(*candidate));
	if (!candidate)
		return -1;
	candidate->path = directed->path;
	candidate->path->nrefs++;
	candidate->nchoices = suspicion->nchoices;
	candidate->nruns = suspicion->nruns;
	memcpy(candidate->runs, suspicion->runs, sizeof(candidate->runs));
	struct queue *queue = &directed->queues[round * SUSPICION_RANKS + suspicion->rank];
	*queue->last = candidate;
	queue->last = &candidate->next;
	directed->ncandidates++;
	return 0;
}

static void directed_learn(void *state, uint64_t number, const struct trace *trace, bool found)
{
	struct directed *directed = state;
	(void)number;
	(void)found;
	if (directed->nflights)
		directed->nflights--;
	if (trace->result.outcome != OUTCOME_LIMIT && trace->nsteps > directed->longest)
		directed->longest = trace->nsteps;
	if (directed->ntraces >= MOST_TRACES || !(directed->path = path_new(trace)))
		return;
	directed->ntraces++;
	/* short of memory: fewer suspicions, which is no error of the search */
	suspicion_find(trace, candidate_add, directed);
	free(directed->path->hashes);
	path_drop(directed->path);
	directed->path = NULL;
}

static void directed_exhaustion(const void *state, struct exhaustion *out)
{
	(void)state;
	*out = (struct exhaustion){.what = "sync points", .bound = BOUND_NONE, .fraction_left = -1};
}

bool directed_is_promising(const void *state)
{
	const struct directed *directed = state;
	for (uint32_t i = 0; i < SUSPICION_RANKS; i++)
		if (directed->queues[i].first)
			return true;
	return false;
}

const struct strategy strategy_directed = {
	.name = "directed",
	.help = "tries what looks suspicious in the traces so far: check-then-act, lock orders, reversals",
	.open = directed_open,
	.next = directed_next,
	.learn = directed_learn,
	.exhaustion = directed_exhaustion,
	.close = directed_close,
};
