#include "coupling.h"

#include <stdlib.h>
#include <string.h>

#include "shared/op.h"

/* Steps between which a unit is at work: what comes before its first touch and after its last is no part of it. */
struct activity {
	uint32_t first, last;
	bool any;
};

static int pair_add(struct coupling *coupling, const struct unit *left, const struct unit *right)
{
	if (coupling_has(coupling, left->identity, right->identity))
		return 0;
	struct coupling_pair *grown = realloc(coupling->pairs, (coupling->npairs + 1UL) * sizeof *grown);
	if (!grown)
		return -1;
	coupling->pairs = grown;
	struct coupling_pair *pair = &grown[coupling->npairs];
	*pair = (struct coupling_pair){left->identity, right->identity, strdup(left->name), strdup(right->name)};
	if (!pair->left_name || !pair->right_name) {
		free(pair->left_name);
		free(pair->right_name);
		return -1;
	}
	coupling->npairs++;
	return 1;
}

/* Activities of all units; NULL when memory is short. */
static struct activity *activities_of(const struct unit_list *units)
{
	struct activity *activities = calloc(units->n + 1UL, sizeof *activities);

	for (uint32_t i = 0; activities && i < units->trace->nsteps; i++) {
		if (!units->of_step[i] || !unit_step_touches(units->trace, i))
			continue;
		struct activity *activity = &activities[units->of_step[i] - 1];
		if (!activity->any)
			activity->first = i;
		activity->last = i;
		activity->any = true;
	}
	return activities;
}

enum role { ROLE_WAITS = 1, ROLE_SUPPLIES = 2 };

static unsigned int op_role(uint16_t op)
{
	switch (op) {
	case OP_COND_WAIT:
	case OP_COND_TIMEDWAIT:
	case OP_SEM_WAIT:
	case OP_SEM_TIMEDWAIT:
	case OP_PIPE_READ:
	case OP_ACCEPT:
		return ROLE_WAITS;
	case OP_COND_SIGNAL:
	case OP_COND_BROADCAST:
	case OP_SEM_POST:
	case OP_PIPE_WRITE:
	case OP_CONNECT:
		return ROLE_SUPPLIES;
	case OP_BARRIER_WAIT:
		return ROLE_WAITS | ROLE_SUPPLIES;
	default:
		return 0;
	}
}

/* What a unit does with an object: waits while at work, supplies at any time. */
static unsigned int role_of(const struct unit_list *units, const struct activity *activities, uint32_t unit,
	uint32_t object)
{
	const struct trace *trace = units->trace;
	unsigned int role = 0;

	for (uint32_t i = 0; i < trace->nsteps; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		if (units->of_step[i] != unit + 1 || request->object != object)
			continue;
		bool at_work = activities[unit].any && i > activities[unit].first && i < activities[unit].last;
		role |= op_role(request->op) & (at_work ? ~0U : ~(unsigned int)ROLE_WAITS);
	}
	return role;
}

/*
 * Joins everybody who takes from the object when somebody waits on it without ever supplying. Of one that only supplies,
 * serial orders tell whether it is waited for: a lock that is made of conditions looks the same here.
 */
static int couple_object(struct coupling *coupling, const struct unit_list *units, const struct activity *activities,
	uint32_t object)
{
	int result = 0;
	uint32_t consumer = ~0U;
	bool barrier = units->trace->objects[object].kind == OBJECT_BARRIER;

	for (uint32_t i = 0; i < units->n && consumer == ~0U; i++) {
		unsigned int role = role_of(units, activities, i, object);
		if (role == ROLE_WAITS || (barrier && role & ROLE_WAITS))
			consumer = i;
	}
	for (uint32_t i = 0; i < units->n && consumer != ~0U && result >= 0; i++) {
		if (i == consumer || !(role_of(units, activities, i, object) & ROLE_WAITS))
			continue;
		int more = pair_add(coupling, &units->items[consumer], &units->items[i]);
		result = more < 0 ? -1 : result + more;
	}
	return result;
}

int coupling_note_waits(struct coupling *coupling, const struct unit_list *units)
{
	const struct trace *trace = units->trace;
	struct activity *activities = activities_of(units);
	bool *seen = calloc(trace->nobjects + 1UL, sizeof *seen);
	int result = activities && seen ? 0 : -1;

	for (uint32_t i = 0; i < trace->nsteps && result >= 0; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		if (!units->of_step[i] || !(op_role(request->op) & ROLE_WAITS) || request->object > trace->nobjects ||
		    seen[request->object])
			continue;
		seen[request->object] = true;
		int more = couple_object(coupling, units, activities, request->object);
		result = more < 0 ? -1 : result + more;
	}
	free(activities);
	free(seen);
	return result;
}

static bool overlap(const struct activity *left, const struct activity *right)
{
	return left->any && right->any && left->first < right->last && right->first < left->last;
}

bool coupling_is_serial(const struct unit_list *units)
{
	struct activity *activities = activities_of(units);
	bool serial = activities != NULL;

	for (uint32_t i = 0; i < units->n && serial; i++)
		for (uint32_t j = i + 1; j < units->n && serial; j++)
			serial = !overlap(&activities[i], &activities[j]);
	free(activities);
	return serial;
}

int coupling_note_serial(struct coupling *coupling, const struct unit_list *units)
{
	struct activity *activities = activities_of(units);
	int result = activities ? 0 : -1;

	for (uint32_t i = 0; i < units->n && result >= 0; i++)
		for (uint32_t j = i + 1; j < units->n && result >= 0; j++) {
			if (!overlap(&activities[i], &activities[j]))
				continue;
			int more = pair_add(coupling, &units->items[i], &units->items[j]);
			result = more < 0 ? -1 : result + more;
		}
	free(activities);
	return result;
}

bool coupling_has(const struct coupling *coupling, uint64_t left, uint64_t right)
{
	bool *seen = calloc(coupling->npairs + 1UL, sizeof *seen);
	uint64_t *reached = calloc(coupling->npairs + 2UL, sizeof *reached);
	uint32_t nreached = 0;
	bool found = left == right;

	if (seen && reached)
		reached[nreached++] = left;
	for (uint32_t i = 0; i < nreached && !found; i++)
		for (uint32_t j = 0; j < coupling->npairs; j++) {
			const struct coupling_pair *pair = &coupling->pairs[j];
			if (seen[j] || (pair->left != reached[i] && pair->right != reached[i]))
				continue;
			seen[j] = true;
			reached[nreached] = pair->left == reached[i] ? pair->right : pair->left;
			found = found || reached[nreached] == right;
			nreached++;
		}
	free(seen);
	free(reached);
	return found;
}

void coupling_fini(struct coupling *coupling)
{
	for (uint32_t i = 0; i < coupling->npairs; i++) {
		free(coupling->pairs[i].left_name);
		free(coupling->pairs[i].right_name);
	}
	free(coupling->pairs);
	coupling->pairs = NULL;
	coupling->npairs = 0;
}
