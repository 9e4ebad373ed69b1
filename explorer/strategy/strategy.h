/*
 * Strategies: which plan next. A strategy is pure: it sees traces and outcomes, never the target, and all its
 * randomness comes from one seed. `next` may be called several times before the matching `learn`, which carries the
 * plan's number and may come in any order.
 *
 * A new one: a file here exporting a const struct strategy, and a row in strategy.c.
 */
#ifndef RACE_EXPLORER_STRATEGY_H
#define RACE_EXPLORER_STRATEGY_H

#include <stdbool.h>
#include <stdint.h>

#include "../trace_read.h"
#include "shared/plan.h"

enum { BOUND_NONE = -1, BOUND_DEFAULT = -2 };

struct strategy_options {
	uint64_t seed;
	int bound;              /* preemptions (delays for delay bounding), BOUND_NONE or BOUND_DEFAULT */
	bool delays;            /* bound counts delays instead of preemptions */
	uint32_t depth;         /* pct: bug depth, 0: default */
	uint64_t max_executions;/* of the whole campaign; how often random strategies run */
	const char *chooser;    /* --chooser: tail after a prefix; NULL: the strategy's own */
};

/* A plan being written: the fixed part, and a prefix that grows. The caller owns it and reuses it. */
struct plan_draft {
	struct plan plan;
	struct directive *prefix;
	uint32_t nprefix, capacity;
};

/* Appends a directive. Returns -1 when memory or LIMIT_PREFIX is exhausted. */
int plan_draft_add(struct plan_draft *draft, struct directive directive);
void plan_draft_clear(struct plan_draft *draft); /* prefix empty, plan zeroed but for number */
void plan_draft_free(struct plan_draft *draft);

enum strategy_next {
	STRATEGY_READY, /* the draft holds a plan */
	STRATEGY_WAIT,  /* nothing to do before more answers have come */
	STRATEGY_DONE,  /* exhausted, or its share of executions is used up */
};

/* What has been completely explored, for honest endings. */
struct exhaustion {
	bool exhausted;
	const char *what;     /* "sync points" */
	int bound;            /* preemption or delay bound that was finished, BOUND_NONE: all */
	double fraction_left; /* estimate (Knuth) of the share not yet seen; negative: unknown */
	uint64_t nstrays;     /* executions that did something else than their plan says */
};

struct strategy {
	const char *name;
	const char *help; /* one line */
	/* NULL when memory is short. The options are only read during the call. */
	void *(*open)(const struct strategy_options *options);
	/* The draft comes cleared and numbered. */
	enum strategy_next (*next)(void *state, struct plan_draft *draft);
	/*
	 * The plan that `next` will give after `distance` - 1 others, if no answer that is still to come changes that; the
	 * draft comes cleared and numbered. Changes nothing. False, or NULL: that can't be said.
	 */
	bool (*foresee)(const void *state, uint32_t distance, struct plan_draft *draft);
	/* learn looks at nothing but the trace's result. */
	bool blind;
	/* The answer to plan `number`; the trace is borrowed for the call. `found`: a finding was made in it. */
	void (*learn)(void *state, uint64_t number, const struct trace *trace, bool found);
	void (*exhaustion)(const void *state, struct exhaustion *out);
	void (*close)(void *state);
};

/* The strategy with this name, or NULL. strategy_list()[i] is NULL after the last. */
const struct strategy *strategy_find(const char *name);
const struct strategy *const *strategy_list(void);

extern const struct strategy strategy_auto, strategy_first, strategy_serial, strategy_directed, strategy_dfs,
	strategy_pct, strategy_pos, strategy_random;

/* For strategies: the chooser that the options name (enum chooser_id), else `normal`. */
uint16_t strategy_chooser(const struct strategy_options *options, uint16_t normal);

/*
 * For strategies: how many steps an execution may have when the longest that ended by itself had `longest` (0: none
 * has yet). Far more than it needs, far fewer than an endless one would make.
 */
uint32_t strategy_steps(uint32_t longest);

/* For strategies: a seed of its own for plan `number`: splitmix64 (Steele, Lea and Flood, OOPSLA 2014). */
uint64_t strategy_mix(uint64_t seed, uint64_t number);

#endif
