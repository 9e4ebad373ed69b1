/*
 * Depth-first search over all choices. Each trace is cut into the prefixes that lead to what was not taken in it;
 * every prefix is run once, strictly, and its tail is cut again, so that each interleaving is met exactly once.
 *
 * With a bound the search deepens: all prefixes that cost b are run before those that cost b + 1, which wait in the
 * frontier meanwhile. The estimate of what is left gives every alternative of a choice the same share (Knuth, 1975).
 */
#include "dfs.h"

#include <stdlib.h>
#include <string.h>

#include "alternative.h"
#include "frontier.h"

enum {
	MAX_BOUND = 64,          /* buckets are by cost; beyond this nobody waits for the end of a bound */
	MOST_ALTERNATIVES = 2 * LIMIT_TASKS,
	NO_BOUND_DONE = -1,
};

/* Of an execution that was cut off before any has ended by itself, so much is cut into prefixes. */
enum { FIRST_STEPS = 1000 };

struct flight {
	uint64_t number;
	struct frontier_job job;
};

struct dfs {
	uint64_t seed;
	uint16_t chooser;
	bool delays, deepens, beyond; /* beyond: when the last bound is finished, go on without */
	uint32_t deepest;             /* last bound */
	struct frontier *frontier;
	struct flight *flights;
	uint32_t nflights, flights_capacity;
	uint32_t level;               /* bucket being worked on */
	int finished;                 /* bound, NO_BOUND_DONE */
	bool unbounded;               /* the last bound is finished: all that is left is in one bucket */
	bool pruned;                  /* something costs more than the last bound */
	bool unclean;                 /* something was not seen, or does not repeat */
	double seen;                  /* share of the tree that has been run */
	uint64_t nstrays;
	uint32_t longest;
};

static void *open_with(const struct strategy_options *options, bool beyond)
{
	struct dfs *dfs = calloc(1, sizeof(*dfs));
	if (!dfs)
		return NULL;
	int bound = options->bound == BOUND_DEFAULT ? 2 : options->bound;
	dfs->seed = options->seed;
	dfs->chooser = strategy_chooser(options, CHOOSER_FIRST);
	dfs->delays = options->delays;
	dfs->deepens = bound >= 0;
	dfs->unbounded = !dfs->deepens;
	dfs->beyond = beyond;
	dfs->deepest = bound < 0 ? 0 : bound < MAX_BOUND ? (uint32_t)bound : MAX_BOUND;
	dfs->finished = NO_BOUND_DONE;
	dfs->frontier = frontier_open(FRONTIER_ENTRIES);
	struct frontier_job root = {.root = true, .mass = 1};
	if (!dfs->frontier || frontier_push(dfs->frontier, 0, &root)) {
		frontier_close(dfs->frontier);
		free(dfs);
		return NULL;
	}
	return dfs;
}

static void *dfs_open(const struct strategy_options *options)
{
	return open_with(options, false);
}

void *dfs_open_beyond(const struct strategy_options *options)
{
	return open_with(options, true);
}

static void dfs_close(void *state)
{
	struct dfs *dfs = state;
	if (!dfs)
		return;
	frontier_close(dfs->frontier);
	free(dfs->flights);
	free(dfs);
}

/* The bucket for a prefix of this cost: what lies beyond the last bound shares one. */
static uint32_t bucket_of(const struct dfs *dfs, uint32_t cost)
{
	if (!dfs->deepens)
		return 0;
	return cost <= dfs->deepest && !dfs->unbounded ? cost : dfs->deepest + 1;
}

/* Moves on to the next bound as long as this one has nothing left. False when all is done. */
static bool level_advance(struct dfs *dfs)
{
	while (frontier_bucket_jobs(dfs->frontier, dfs->level) == 0) {
		bool last = frontier_jobs(dfs->frontier) == 0;
		if (!dfs->unbounded)
			dfs->finished = (int)(last ? dfs->deepest : dfs->level);
		if (last)
			return false;
		dfs->level++;
		dfs->unbounded = dfs->level > dfs->deepest;
	}
	return true;
}

static int flight_add(struct dfs *dfs, uint64_t number, const struct frontier_job *job)
{
	if (dfs->nflights == dfs->flights_capacity) {
		uint32_t capacity = dfs->flights_capacity ? dfs->flights_capacity * 2 : 8;
		struct flight *flights = realloc(dfs->flights, capacity * sizeof(*flights));
		if (!flights)
			return -1;
		dfs->flights = flights;
		dfs->flights_capacity = capacity;
	}
	dfs->flights[dfs->nflights++] = (struct flight){.number = number, .job = *job};
	return 0;
}

static enum strategy_next dfs_next(void *state, struct plan_draft *draft)
{
	struct dfs *dfs = state;
	struct frontier_job job;
	while (frontier_bucket_jobs(dfs->frontier, dfs->level) || dfs->nflights == 0) {
		if (!level_advance(dfs) || !frontier_pop(dfs->frontier, dfs->level, &job))
			return STRATEGY_DONE;
		draft->plan.seed = dfs->seed;
		draft->plan.chooser = dfs->chooser;
		draft->plan.flags = PLAN_STRICT;
		draft->plan.max_steps = strategy_steps(dfs->longest);
		if (frontier_draft(dfs->frontier, &job, draft) == 0 && flight_add(dfs, draft->plan.number, &job) == 0)
			return STRATEGY_READY;
		dfs->unclean = true; /* too long, or memory is short: this one stays unseen */
		frontier_drop(dfs->frontier, job.node);
		plan_draft_clear(draft);
	}
	return STRATEGY_WAIT;
}

static bool is_same(struct directive left, struct directive right)
{
	return left.kind == right.kind && left.task == right.task && left.value == right.value;
}

/* Did the execution do what it was told? A program that behaves differently by itself can't be enumerated. */
static bool followed(const struct dfs *dfs, const struct frontier_job *job, const struct choice_points *points)
{
	uint32_t depth = job->root ? 0 : frontier_depth(dfs->frontier, job->node) + 1;
	struct frontier_choice expected = {.directive = job->last, .history = job->history};
	if (points->n < depth)
		return false;
	for (uint32_t node = job->node; depth > 0; depth--) {
		if (points->items[depth - 1].history != expected.history ||
			!is_same(choice_points_taken(points, depth - 1).directive, expected.directive))
			return false;
		if (node) {
			expected = frontier_last(dfs->frontier, node);
			node = frontier_parent(dfs->frontier, node);
		}
	}
	return true;
}

/*
 * Puts what was not taken at one choice into the frontier. `job` describes the path up to the choice, and afterwards
 * with what was taken: its cost, and its share of the tree.
 */
static void branch(struct dfs *dfs, const struct choice_points *points, uint32_t index, struct frontier_job *job,
	struct alternative *alternatives)
{
	uint32_t n = choice_points_all(points, index, alternatives, MOST_ALTERNATIVES), nwithin = 0;
	struct alternative taken = choice_points_taken(points, index);
	bool bounded = dfs->deepens && !dfs->beyond;
	if (n > MOST_ALTERNATIVES) {
		dfs->unclean = true;
		n = MOST_ALTERNATIVES;
	}
	for (uint32_t i = 0; i < n; i++)
		nwithin += !bounded || job->cost + alternatives[i].cost <= dfs->deepest ||
			is_same(alternatives[i].directive, taken.directive);
	job->mass /= nwithin;
	for (uint32_t i = 0; i < n; i++) {
		struct frontier_job other = {.node = job->node, .last = alternatives[i].directive,
			.history = points->items[index].history, .cost = job->cost + alternatives[i].cost, .mass = job->mass};
		if (is_same(alternatives[i].directive, taken.directive))
			continue;
		if (bounded && other.cost > dfs->deepest)
			dfs->pruned = true;
		else if (frontier_push(dfs->frontier, bucket_of(dfs, other.cost), &other))
			dfs->unclean = true;
	}
	job->cost += taken.cost;
}

/* Cuts the trace behind the job's prefix. Takes over the job's reference. */
static void expand(struct dfs *dfs, struct frontier_job job, const struct choice_points *points, uint32_t nchoices)
{
	struct alternative alternatives[MOST_ALTERNATIVES];
	uint32_t first = 0;
	if (!job.root) {
		struct frontier_choice last = {.directive = job.last, .history = job.history};
		uint32_t node = frontier_node(dfs->frontier, job.node, last);
		first = frontier_depth(dfs->frontier, job.node) + 1;
		frontier_drop(dfs->frontier, job.node);
		job.node = node;
	}
	bool room = job.root || job.node;
	for (uint32_t i = first; i < nchoices && room; i++) {
		branch(dfs, points, i, &job, alternatives);
		struct frontier_choice taken = {.directive = choice_points_taken(points, i).directive,
			.history = points->items[i].history};
		uint32_t node = frontier_node(dfs->frontier, job.node, taken);
		frontier_drop(dfs->frontier, job.node);
		job.node = node;
		room = node != 0;
	}
	dfs->unclean |= !room;
	dfs->seen += job.mass;
	frontier_drop(dfs->frontier, job.node);
}

static bool ended_by_itself(const struct trace *trace)
{
	switch (trace->result.outcome) {
	case OUTCOME_EXITED: case OUTCOME_SIGNALED: case OUTCOME_DEADLOCK: case OUTCOME_LIVELOCK:
		return trace->result.uncontrolled == 0;
	default:
		return false;
	}
}

/* An execution that was cut off is only cut into prefixes as far as others went: beyond lie its endless repeats. */
static uint32_t choices_worth(const struct dfs *dfs, const struct trace *trace)
{
	uint32_t nsteps = dfs->longest ? dfs->longest : FIRST_STEPS, nchoices = 0;
	if (trace->result.outcome != OUTCOME_LIMIT || trace->nsteps <= nsteps)
		return trace->nchoices;
	for (uint32_t i = 0; i < nsteps; i++)
		nchoices += trace->steps[i].choice != TRACE_NO_CHOICE;
	for (uint32_t i = 0; i < trace->nvalue_choices && trace->value_choices[i].at_step <= nsteps; i++)
		nchoices += trace->value_choices[i].choice != TRACE_NO_CHOICE;
	return nchoices;
}

static void learn_from(struct dfs *dfs, struct frontier_job *job, const struct trace *trace)
{
	struct choice_points points;
	bool complete = ended_by_itself(trace);
	dfs->unclean |= !complete;
	if (complete && trace->nsteps > dfs->longest)
		dfs->longest = trace->nsteps;
	if (choice_points_init(&points, trace, dfs->delays) == 0 && trace->result.outcome != OUTCOME_DIVERGED &&
		followed(dfs, job, &points)) {
		expand(dfs, *job, &points, choices_worth(dfs, trace));
	} else {
		dfs->unclean = true;
		dfs->nstrays++;
		frontier_drop(dfs->frontier, job->node);
	}
	choice_points_fini(&points);
}

static void dfs_learn(void *state, uint64_t number, const struct trace *trace, bool found)
{
	struct dfs *dfs = state;
	(void)found;
	for (uint32_t i = 0; i < dfs->nflights; i++) {
		if (dfs->flights[i].number != number)
			continue;
		struct frontier_job job = dfs->flights[i].job;
		dfs->flights[i] = dfs->flights[--dfs->nflights];
		learn_from(dfs, &job, trace);
		return;
	}
}

static void dfs_exhaustion(const void *state, struct exhaustion *out)
{
	const struct dfs *dfs = state;
	int finished = dfs->finished;
	bool idle = dfs->nflights == 0, empty = frontier_jobs(dfs->frontier) == 0;
	bool all = idle && empty && !dfs->pruned;
	if (idle && !dfs->unbounded && frontier_bucket_jobs(dfs->frontier, dfs->level) == 0)
		finished = (int)(empty ? dfs->deepest : dfs->level);
	double left = all ? 0 : 1 - dfs->seen;
	*out = (struct exhaustion){
		.exhausted = !dfs->unclean && (all || finished != NO_BOUND_DONE),
		.what = "sync points",
		.bound = all || finished == NO_BOUND_DONE ? BOUND_NONE : finished,
		.fraction_left = dfs->unclean && all ? -1 : left < 0 ? 0 : left,
		.nstrays = dfs->nstrays,
	};
}

int dfs_bound(const void *state)
{
	const struct dfs *dfs = state;
	return dfs->unbounded ? BOUND_NONE : (int)dfs->level;
}

bool dfs_is_clean(const void *state)
{
	const struct dfs *dfs = state;
	return !dfs->unclean;
}

const struct strategy strategy_dfs = {
	.name = "dfs",
	.help = "depth-first enumeration within a bound on preemptions or delays (--bound)",
	.open = dfs_open,
	.next = dfs_next,
	.learn = dfs_learn,
	.exhaustion = dfs_exhaustion,
	.close = dfs_close,
};
