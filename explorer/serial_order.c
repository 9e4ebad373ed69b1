#include "serial_order.h"

#include <stdlib.h>

struct arrangement {
	const struct unit_list *units;
	uint32_t nmembers, ngroups;
	uint32_t members[LIMIT_UNITS];   /* indices of units, as created */
	uint32_t group[LIMIT_UNITS];     /* [member]: number of its group */
	uint32_t component[LIMIT_UNITS]; /* [group] */
	bool placed[LIMIT_UNITS];        /* [group] */
	struct serial_order current;
	struct serial_order_list *out;
};

/* Groups are numbered by their first members. False: more units than a plan can order. */
static bool find_members(struct arrangement *arrangement, const bool *excluded, const struct coupling *coupling)
{
	const struct unit_list *units = arrangement->units;

	for (uint32_t i = 0; i < units->n; i++) {
		if (!units->items[i].touches || (excluded && excluded[i]))
			continue;
		uint32_t n = arrangement->nmembers, group = arrangement->ngroups;
		if (n == LIMIT_UNITS)
			return false;
		for (uint32_t j = 0; j < n && group == arrangement->ngroups; j++)
			if (coupling_has(coupling, units->items[arrangement->members[j]].identity, units->items[i].identity))
				group = arrangement->group[j];
		arrangement->ngroups += group == arrangement->ngroups;
		arrangement->members[n] = i;
		arrangement->group[n] = group;
		arrangement->nmembers++;
	}
	return true;
}

/* Coupled units share a component; those left out lead nowhere. */
static int find_components(struct arrangement *arrangement, const struct serial_order_question *question)
{
	struct history *history = question->history;
	uint32_t n = arrangement->nmembers, nunits = arrangement->units->n;
	uint32_t *component = calloc(nunits + 1UL, sizeof *component);

	if (!component)
		return -1;
	for (uint32_t i = 0; i < nunits; i++)
		for (uint32_t j = 0; question->excluded && j < nunits; j++)
			if (question->excluded[i] || question->excluded[j])
				history->edges[i * nunits + j] = false;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < n; j++)
			if (i != j && arrangement->group[i] == arrangement->group[j])
				history->edges[arrangement->members[i] * nunits + arrangement->members[j]] = true;
	history_components(history, component);
	for (uint32_t i = 0; i < n; i++)
		arrangement->component[arrangement->group[i]] = component[arrangement->members[i]];
	free(component);
	return 0;
}

/* How many groups share their component with another one. */
static uint32_t count_contested(const struct arrangement *arrangement)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < arrangement->ngroups; i++)
		for (uint32_t j = 0; j < arrangement->ngroups; j++)
			if (i != j && arrangement->component[i] == arrangement->component[j]) {
				n++;
				break;
			}
	return n;
}

static int emit(struct arrangement *arrangement)
{
	struct serial_order_list *out = arrangement->out;
	struct serial_order *grown = realloc(out->items, (out->n + 1UL) * sizeof *grown);

	if (!grown)
		return -1;
	out->items = grown;
	grown[out->n++] = arrangement->current;
	return 0;
}

static void place(struct arrangement *arrangement, uint32_t group)
{
	for (uint32_t i = 0; i < arrangement->nmembers; i++)
		if (arrangement->group[i] == group)
			arrangement->current.units[arrangement->current.n++] =
				arrangement->units->items[arrangement->members[i]].identity;
}

/* The lowest component of which some group is not placed. */
static uint32_t lowest_component(const struct arrangement *arrangement)
{
	uint32_t lowest = ~0U;

	for (uint32_t i = 0; i < arrangement->ngroups; i++)
		if (!arrangement->placed[i] && arrangement->component[i] < lowest)
			lowest = arrangement->component[i];
	return lowest;
}

/* Places the rest in every way; depth is at most the number of groups. */
static int arrange(struct arrangement *arrangement)
{
	uint32_t component = lowest_component(arrangement), before = arrangement->current.n;
	int result = 0;

	if (component == ~0U)
		return emit(arrangement);
	for (uint32_t i = 0; i < arrangement->ngroups && result == 0; i++) {
		if (arrangement->placed[i] || arrangement->component[i] != component)
			continue;
		arrangement->placed[i] = true;
		place(arrangement, i);
		result = arrange(arrangement);
		arrangement->current.n = before;
		arrangement->placed[i] = false;
		if (!arrangement->out->complete)
			break;
	}
	return result;
}

int serial_order_list(const struct serial_order_question *question, struct serial_order_list *out)
{
	struct arrangement *arrangement = calloc(1, sizeof *arrangement);
	int result = -1;

	*out = (struct serial_order_list){0};
	if (!arrangement)
		return -1;
	arrangement->units = question->units;
	arrangement->out = out;
	bool fits = find_members(arrangement, question->excluded, question->coupling);
	out->ngroups = arrangement->ngroups;
	if (fits && question->history && find_components(arrangement, question) < 0)
		goto done;
	uint32_t contested = count_contested(arrangement);
	out->cyclic = question->history && contested > 0;
	out->complete = fits && contested <= SERIAL_ORDER_MOST;
	result = fits ? arrange(arrangement) : 0;
done:
	free(arrangement);
	return result;
}

void serial_order_created(const struct unit_list *units, const struct coupling *coupling, bool reverse,
	struct serial_order *out)
{
	struct arrangement arrangement = {.units = units};

	find_members(&arrangement, NULL, coupling);
	for (uint32_t i = 0; i < arrangement.ngroups; i++)
		place(&arrangement, reverse ? arrangement.ngroups - 1 - i : i);
	*out = arrangement.current;
}

void serial_order_fini(struct serial_order_list *list)
{
	free(list->items);
	*list = (struct serial_order_list){0};
}
