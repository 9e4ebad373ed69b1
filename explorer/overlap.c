#include "overlap.h"

#include <strings.h>

/* Did the database say that the statement of this step changed rows? */
static bool has_changed(const struct trace *trace, const struct history_access *access)
{
	for (uint32_t i = 0; i < trace->ntransactions; i++) {
		const struct trace_transaction *transaction = &trace->transactions[i];
		if (transaction->connection == access->connection && transaction->changes &&
		    transaction->at_step >= access->step && transaction->at_step <= access->at)
			return true;
	}
	return false;
}

/* How much an access tells as a change: 0 it is none, 1 nobody knows what it is (a goodbye), 2 it may be one. */
static int weigh(const struct trace *trace, const struct history_access *access)
{
	return !access->writes ? 0 : has_changed(trace, access) ? 3 : access->statement ? 2 : 1;
}

/* What the unit did last before the change that may have to do with it; NULL: nothing. */
static const struct history_access *find_before(const struct trace *trace, const struct history *history, uint32_t unit,
	const struct history_access *change)
{
	const struct history_access *found = NULL;

	for (uint32_t i = 0; i < history->naccesses && history->accesses[i].at < change->at; i++)
		if (history->accesses[i].unit == unit && history_conflict(trace, &history->accesses[i], change) &&
		    (!found || history->accesses[i].statement))
			found = &history->accesses[i];
	return found;
}

/* What it did next in that database, a change rather than anything else; NULL: nothing. */
static const struct history_access *find_after(const struct trace *trace, const struct history *history, uint32_t unit,
	const struct history_access *change, int *weight)
{
	const struct history_access *found = NULL;

	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->unit != unit || access->database != change->database || access->at <= change->at)
			continue;
		int own = weigh(trace, access);
		if (!found || own > *weight) {
			found = access;
			*weight = own;
		}
	}
	return found;
}

static bool overlap(const struct unit *left, const struct unit *right)
{
	return left->first_step <= right->last_step && right->first_step <= left->last_step;
}

/* Looks at one change and another unit; returns how well they explain, 0: not at all. */
static int examine(const struct unit_list *units, const struct history *history, const struct history_access *change,
	uint32_t unit, const char *wanted, struct overlap *out)
{
	const struct trace *trace = units->trace;
	const struct history_access *before = find_before(trace, history, unit, change);
	int later = 0;

	if (!before || !overlap(&units->items[unit], &units->items[change->unit]))
		return 0;
	const struct history_access *after = find_after(trace, history, unit, change, &later);
	*out = (struct overlap){.found = true, .first = unit, .second = change->unit, .before = before->step,
		.change = change->step, .after = after ? after->step : OVERLAP_NONE, .table = change->name};
	return (after ? 16 + 8 * later : 1) + 4 * weigh(trace, change) + 2 * (*change->name != '\0') +
		(wanted && strcasecmp(change->name, wanted) == 0);
}

/* Of equal ones the last: units look first and change things later. */
struct overlap overlap_find(const struct unit_list *units, const struct history *history, const char *wanted)
{
	struct overlap best = {.after = OVERLAP_NONE};
	int most = 0;

	for (uint32_t i = 0; i < history->naccesses; i++)
		for (uint32_t unit = 0; history->accesses[i].writes && unit < history->nunits; unit++) {
			struct overlap found;
			int score = unit == history->accesses[i].unit ? 0 :
				examine(units, history, &history->accesses[i], unit, wanted, &found);
			if (score == 0 || score < most)
				continue;
			most = score;
			best = found;
		}
	return best;
}
