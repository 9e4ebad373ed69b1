#include "witness.h"

#include <strings.h>

/* How well an act fits: 0 not at all. */
struct act {
	uint32_t step;
	int score;
	bool effect;
};

static bool is_check(const struct history_access *access)
{
	return access->reads && !access->writes;
}

/* When, after `after`, the unit reads the table again; ~0: never. */
static uint32_t next_check(const struct history *history, const struct history_access *check, uint32_t after)
{
	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->unit == check->unit && access->at > after && is_check(access) &&
		    access->table == check->table && access->database == check->database)
			return access->at;
	}
	return ~0U;
}

static void consider(struct act *best, uint32_t step, int score, bool effect)
{
	if (score > best->score)
		*best = (struct act){step, score, effect};
}

/* What the unit did from `after` to `until`. */
static struct act find_act(const struct unit_list *units, const struct history *history,
	const struct history_access *check, uint32_t after, uint32_t until, const char *wanted)
{
	const struct trace *trace = units->trace;
	struct act best = {0};

	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->unit != check->unit || !access->writes || access->at <= after || access->at >= until)
			continue;
		int score = access->table == check->table ? 3 : 2;
		if (wanted && strcasecmp(access->name, wanted) == 0)
			score = 4;
		consider(&best, access->step, score, false);
	}
	for (uint32_t i = 0; i < trace->neffects; i++) {
		const struct trace_effect *effect = &trace->effects[i];
		if (effect->at_step <= after || effect->at_step >= until ||
		    unit_of(units, effect->task, effect->at_step) != check->unit + 1)
			continue;
		consider(&best, effect->at_step, wanted && strcasecmp(effect->name, wanted) == 0 ? 4 : 2, true);
	}
	return best;
}

/* When the unit first writes the table; ~0: never. */
static uint32_t first_write(const struct history *history, uint32_t unit, const struct history_access *like)
{
	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->unit == unit && access->writes && access->table == like->table &&
		    access->database == like->database)
			return access->at;
	}
	return ~0U;
}

/* The other unit's own read of the table, before both its write and the first unit's. */
static uint32_t find_other_check(const struct history *history, const struct history_access *check,
	const struct history_access *write)
{
	uint32_t limit = first_write(history, check->unit, check);

	for (uint32_t i = 0; i < history->naccesses; i++) {
		const struct history_access *access = &history->accesses[i];
		if (access->unit == write->unit && is_check(access) && access->table == check->table &&
		    access->database == check->database && access->at < write->at && access->at < limit)
			return access->step;
	}
	return ~0U;
}

/* Looks at one check and one write of another unit; returns how well they explain, 0: not at all. */
static int examine(const struct unit_list *units, const struct history *history, const struct history_access *check,
	const struct history_access *write, const char *wanted, struct witness *out)
{
	uint32_t again = next_check(history, check, write->at);
	struct act act = find_act(units, history, check, write->at, again, wanted);

	*out = (struct witness){.found = true, .first = check->unit, .second = write->unit, .check = check->step,
		.other_check = find_other_check(history, check, write), .other_act = write->step, .table = check->name};
	out->both = out->other_check != ~0U && check->at < first_write(history, check->unit, check);
	int score = act.score ? act.score * 2 + out->both : 0;
	if (score == 0 && out->both) {
		act = find_act(units, history, check, check->at, ~0U, wanted);
		score = act.score ? 2 : 0;
	}
	if (score == 0 && again != ~0U) {
		act = find_act(units, history, check, again, ~0U, wanted);
		out->split = true;
		score = act.score ? 1 : 0;
	}
	out->act = act.step;
	out->act_is_effect = act.effect;
	return score;
}

struct search {
	const struct unit_list *units;
	const struct history *history;
	const char *wanted;
	struct witness best;
	int score;
};

static void try_pair(struct search *search, const struct history_access *check, const struct history_access *write)
{
	struct witness witness;

	if (!is_check(check) || !check->table || !write->writes || write->unit == check->unit ||
	    write->table != check->table || write->database != check->database)
		return;
	int score = examine(search->units, search->history, check, write, search->wanted, &witness);
	if (score <= search->score)
		return;
	search->score = score;
	search->best = witness;
}

/* The step at which what the access wrote was committed; that of the access where no commit is seen. */
static uint32_t commit_of(const struct trace *trace, const struct history_access *access)
{
	for (uint32_t i = 0; i < trace->ntransactions; i++) {
		const struct trace_transaction *transaction = &trace->transactions[i];
		if (transaction->connection == access->connection && transaction->ended == TRANSACTION_COMMITTED &&
		    transaction->at_step >= access->at)
			return transaction->at_step;
	}
	return access->at;
}

/* Reads between another unit's write and its commit: servers show them what was there before. */
static void try_uncommitted(struct search *search)
{
	const struct history *history = search->history;

	for (uint32_t i = 0; i < history->naccesses; i++)
		for (uint32_t j = 0; j < i; j++) {
			struct history_access write = history->accesses[j];
			write.at = commit_of(search->units->trace, &write);
			if (history->accesses[i].at < write.at)
				try_pair(search, &history->accesses[i], &write);
		}
}

struct witness witness_find(const struct unit_list *units, const struct history *history, const char *wanted)
{
	struct search search = {.units = units, .history = history, .wanted = wanted, .best = {.other_check = ~0U}};

	for (uint32_t i = 0; i < history->naccesses; i++)
		for (uint32_t j = i + 1; j < history->naccesses; j++)
			try_pair(&search, &history->accesses[i], &history->accesses[j]);
	if (search.score == 0)
		try_uncommitted(&search);
	return search.best;
}
