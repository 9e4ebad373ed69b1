/*
 * A portfolio. The first execution is left alone; then suspicions are tried while there are any of a new kind (at most
 * four in ten executions), and in between depth-first search with bounds 0, 1, 2 and then without takes turns, in
 * growing slices, with sampling, most of which lets a server start in peace. Depth-first and directed executions are
 * read for suspicions. When the depth-first search has seen everything, so has the portfolio.
 */
#include <stdlib.h>
#include <string.h>

#include "dfs.h"
#include "directed.h"
#include "sample.h"
#include "strategy.h"

enum part { PART_DFS, PART_DIRECTED, PART_POS, PART_PCT, PART_RANDOM, PARTS };

enum {
	FIRST_SLICE = 4,
	LAST_SLICE = 1024,
	DIRECTED_FREE = 6,   /* suspicions tried before their share counts */
	DIRECTED_TENTHS = 4,
	FED_TRACES = 1000,   /* of other parts that are read for suspicions */
	STIRRED = 4,         /* of so many samples of a server one is not calm */
};

struct flight {
	uint64_t number;
	enum part part;
};

struct portfolio {
	const struct strategy *strategies[PARTS];
	void *parts[PARTS];
	struct flight *flights;
	uint32_t nflights, flights_capacity;
	uint64_t max_executions, nplans, nlearned, ndirected, nsamples, nfed;
	uint32_t slice, left;  /* samples, then as many depth-first executions; twice as many in the next round */
	bool sampling, dfs_done;
	bool serves;           /* the program answers requests */
	uint32_t nstart;       /* its steps before it listens */
};

static void auto_close(void *state)
{
	struct portfolio *portfolio = state;
	if (!portfolio)
		return;
	for (int i = 0; i < PARTS; i++)
		if (portfolio->parts[i])
			portfolio->strategies[i]->close(portfolio->parts[i]);
	free(portfolio->flights);
	free(portfolio);
}

static void *auto_open(const struct strategy_options *options)
{
	struct portfolio *portfolio = calloc(1, sizeof(*portfolio));
	struct strategy_options unlimited = *options;
	if (!portfolio)
		return NULL;
	unlimited.max_executions = 0;
	portfolio->max_executions = options->max_executions;
	portfolio->slice = portfolio->left = FIRST_SLICE;
	portfolio->sampling = true;
	memcpy(portfolio->strategies, (const struct strategy *[PARTS]){&strategy_dfs, &strategy_directed, &strategy_pos,
		&strategy_pct, &strategy_random}, sizeof(portfolio->strategies));
	for (int i = PART_POS; i < PARTS; i++)
		portfolio->parts[i] = portfolio->strategies[i]->open(&unlimited);
	portfolio->parts[PART_DIRECTED] = directed_open_fed(&unlimited);
	portfolio->parts[PART_DFS] =
		options->bound == BOUND_DEFAULT ? dfs_open_beyond(&unlimited) : strategy_dfs.open(&unlimited);
	for (int i = 0; i < PARTS; i++) {
		if (portfolio->parts[i])
			continue;
		auto_close(portfolio);
		return NULL;
	}
	return portfolio;
}

static int flight_add(struct portfolio *portfolio, uint64_t number, enum part part)
{
	if (portfolio->nflights == portfolio->flights_capacity) {
		uint32_t capacity = portfolio->flights_capacity ? portfolio->flights_capacity * 2 : 8;
		struct flight *flights = realloc(portfolio->flights, capacity * sizeof(*flights));
		if (!flights)
			return -1;
		portfolio->flights = flights;
		portfolio->flights_capacity = capacity;
	}
	portfolio->flights[portfolio->nflights++] = (struct flight){.number = number, .part = part};
	return 0;
}

static enum strategy_next ask(struct portfolio *portfolio, enum part part, struct plan_draft *draft)
{
	enum strategy_next next = portfolio->strategies[part]->next(portfolio->parts[part], draft);
	if (next != STRATEGY_READY)
		return next;
	/* without a note of whose it is, the answer would be lost: better none than a claim that is not true */
	if (flight_add(portfolio, draft->plan.number, part))
		return STRATEGY_DONE;
	portfolio->nplans++;
	portfolio->ndirected += part == PART_DIRECTED;
	return STRATEGY_READY;
}

static bool wants_directed(const struct portfolio *portfolio)
{
	return directed_is_promising(portfolio->parts[PART_DIRECTED]) &&
		(portfolio->ndirected < DIRECTED_FREE ||
			portfolio->ndirected * 10 < portfolio->nplans * DIRECTED_TENTHS);
}

/* Until they listen, interpreters make a hundred times the steps that a request takes. */
static void calm(const struct portfolio *portfolio, struct plan_draft *draft)
{
	draft->plan.flags |= PLAN_CALM;
	if (draft->plan.length > portfolio->nstart)
		draft->plan.length -= portfolio->nstart;
}

static enum strategy_next ask_sample(struct portfolio *portfolio, struct plan_draft *draft)
{
	static const enum part turns[] = {PART_POS, PART_RANDOM, PART_PCT, PART_POS, PART_RANDOM};
	enum part part = turns[portfolio->nsamples++ % (sizeof(turns) / sizeof(turns[0]))];
	enum strategy_next next = ask(portfolio, part, draft);
	if (next == STRATEGY_READY && portfolio->serves && portfolio->nsamples % STIRRED)
		calm(portfolio, draft);
	return next;
}

/* 4, 8, 16 ... samples, each time followed by as many depth-first executions. */
static bool is_sampling_next(struct portfolio *portfolio)
{
	if (portfolio->left == 0) {
		if (!portfolio->sampling && portfolio->slice < LAST_SLICE)
			portfolio->slice *= 2;
		portfolio->sampling = !portfolio->sampling;
		portfolio->left = portfolio->slice;
	}
	portfolio->left--;
	return portfolio->sampling;
}

static bool everything_seen(const struct portfolio *portfolio)
{
	struct exhaustion exhaustion;
	strategy_dfs.exhaustion(portfolio->parts[PART_DFS], &exhaustion);
	return exhaustion.exhausted && exhaustion.bound == BOUND_NONE;
}

static enum strategy_next auto_next(void *state, struct plan_draft *draft)
{
	struct portfolio *portfolio = state;
	if (portfolio->max_executions && portfolio->nplans >= portfolio->max_executions)
		return STRATEGY_DONE;
	if (portfolio->nlearned == 0)
		return portfolio->nplans ? STRATEGY_WAIT : ask(portfolio, PART_DFS, draft);
	if (everything_seen(portfolio))
		return STRATEGY_DONE;
	if (wants_directed(portfolio) && ask(portfolio, PART_DIRECTED, draft) == STRATEGY_READY)
		return STRATEGY_READY;
	if (!portfolio->dfs_done && !is_sampling_next(portfolio)) {
		enum strategy_next next = ask(portfolio, PART_DFS, draft);
		if (next == STRATEGY_READY)
			return next;
		portfolio->dfs_done |= next == STRATEGY_DONE;
	}
	return ask_sample(portfolio, draft);
}

static void auto_learn(void *state, uint64_t number, const struct trace *trace, bool found)
{
	struct portfolio *portfolio = state;
	for (uint32_t i = 0; i < portfolio->nflights; i++) {
		enum part part = portfolio->flights[i].part;
		if (portfolio->flights[i].number != number)
			continue;
		portfolio->flights[i] = portfolio->flights[--portfolio->nflights];
		if (portfolio->nlearned++ == 0 && trace->nrequests > 0) {
			portfolio->nstart = trace_first(trace, OP_LISTEN);
			portfolio->serves = portfolio->nstart < trace->nsteps;
		}
		portfolio->strategies[part]->learn(portfolio->parts[part], number, trace, found);
		/* prefixes repeat only under the seed they were seen with */
		if (part == PART_DFS && portfolio->nfed++ < FED_TRACES)
			strategy_directed.learn(portfolio->parts[PART_DIRECTED], number, trace, found);
		for (int sampler = PART_POS; sampler < PARTS && part < PART_POS; sampler++)
			portfolio->strategies[sampler]->learn(portfolio->parts[sampler], number, trace, found);
		return;
	}
}

static void auto_exhaustion(const void *state, struct exhaustion *out)
{
	const struct portfolio *portfolio = state;
	strategy_dfs.exhaustion(portfolio->parts[PART_DFS], out);
}

const struct strategy strategy_auto = {
	.name = "auto",
	.help = "a portfolio of directed, dfs, pos, pct and random (the default)",
	.open = auto_open,
	.next = auto_next,
	.learn = auto_learn,
	.exhaustion = auto_exhaustion,
	.close = auto_close,
};
