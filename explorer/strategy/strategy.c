#include "strategy.h"

#include <stdlib.h>
#include <string.h>

static const struct strategy *const strategies[] = {
	&strategy_auto,
	&strategy_first,
	&strategy_serial,
	&strategy_directed,
	&strategy_dfs,
	&strategy_pct,
	&strategy_pos,
	&strategy_random,
	NULL,
};

const struct strategy *const *strategy_list(void)
{
	return strategies;
}

const struct strategy *strategy_find(const char *name)
{
	for (size_t i = 0; strategies[i]; i++)
		if (strcmp(strategies[i]->name, name) == 0)
			return strategies[i];
	return NULL;
}

uint16_t strategy_chooser(const struct strategy_options *options, uint16_t normal)
{
	static const char *const names[] = {
#define X(identifier, name) [CHOOSER_##identifier] = name,
		CHOOSERS(X)
#undef X
	};
	for (uint16_t i = 0; options->chooser && i < CHOOSER_COUNT; i++)
		if (strcmp(names[i], options->chooser) == 0)
			return i;
	return normal;
}

uint32_t strategy_steps(uint32_t longest)
{
	enum { FACTOR = 10, MORE = 20000 };
	uint64_t nsteps = (uint64_t)longest * FACTOR + MORE;
	return longest && nsteps < LIMIT_STEPS ? (uint32_t)nsteps : LIMIT_STEPS;
}

uint64_t strategy_mix(uint64_t seed, uint64_t number)
{
	uint64_t value = seed + (number + 1) * 0x9e3779b97f4a7c15ULL;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

int plan_draft_add(struct plan_draft *draft, struct directive directive)
{
	if (draft->nprefix >= LIMIT_PREFIX)
		return -1;
	if (draft->nprefix == draft->capacity) {
		uint32_t capacity = draft->capacity ? draft->capacity * 2 : 64;
		struct directive *prefix = realloc(draft->prefix, capacity * sizeof(*prefix));
		if (!prefix)
			return -1;
		draft->prefix = prefix;
		draft->capacity = capacity;
	}
	draft->prefix[draft->nprefix++] = directive;
	draft->plan.nprefix = draft->nprefix;
	return 0;
}

void plan_draft_clear(struct plan_draft *draft)
{
	uint64_t number = draft->plan.number;
	uint32_t norder = draft->plan.norder < LIMIT_UNITS ? draft->plan.norder : LIMIT_UNITS;
	memset(&draft->plan, 0, offsetof(struct plan, order) + norder * sizeof draft->plan.order[0]);
	draft->plan.number = number;
	draft->nprefix = 0;
}

void plan_draft_free(struct plan_draft *draft)
{
	free(draft->prefix);
	memset(draft, 0, sizeof(*draft));
}
