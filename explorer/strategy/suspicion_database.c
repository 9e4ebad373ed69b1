#include "suspicion_view.h"

#include <stdlib.h>

#include "shared/database.h"
#include "signatures.h"

/* One use of a table by a step. */
struct use {
	uint64_t table; /* 0: nobody knows which: any */
	uint32_t step, database, unit;
	uint16_t task;
	bool reads, writes;
	bool more;      /* perhaps of other tables, too: triggers, foreign keys, functions */
};

struct uses {
	struct use *items; /* in the order of their steps */
	uint32_t n, capacity;
	bool *vague; /* by object: databases of which some use may be of more */
	struct signatures pairs; /* looked at: loops make the same pair of places again and again */
};

/* Bounds the work on traces with thousands of statements: pairs looked at. */
enum { MOST_PAIRS = 2000000 };

static int use_add(struct uses *uses, struct use use)
{
	if (uses->n == uses->capacity) {
		uint32_t capacity = uses->capacity ? uses->capacity * 2 : 64;
		struct use *items = realloc(uses->items, capacity * sizeof(*items));
		if (!items)
			return -1;
		uses->items = items;
		uses->capacity = capacity;
	}
	uses->items[uses->n++] = use;
	return 0;
}

/* Locks of no table, and what a session has for itself. */
static bool is_of_session(const struct statement *statement)
{
	enum { OWN = SESSION_MARK_USED | SESSION_MARK_PREPARED | SESSION_MARK_SETTINGS | SESSION_MARK_LOCKS };

	return statement->ntables == 0 && (statement->marks & (SESSION_MARK_SETTINGS | SESSION_MARK_LOCKS)) &&
		!(statement->marks & ~OWN);
}

/*
 * Does the step touch rows? Preparing and resetting do not, nor does what only controls a transaction or a session, or
 * ends one. Tables are created while the stage is set.
 */
static bool touches_rows(const struct suspicion_view *view, uint32_t step)
{
	const struct request *request = suspicion_request(view, step);
	const struct op_info *info = op_info(request->op);
	const struct statement *statement = &view->trace->statements[request->statement];
	if (info->object_kind != OBJECT_DATABASE || !(info->flags & ACT_ACQUIRE) || !(info->flags & ACT_RELEASE))
		return false;
	if (request->statement == 0)
		return request->op != OP_DB_STATEMENT;
	switch (statement->kind) {
	case STATEMENT_BEGIN: case STATEMENT_COMMIT: case STATEMENT_ROLLBACK: case STATEMENT_SAVEPOINT:
	case STATEMENT_SETTING: case STATEMENT_SCHEMA:
		return false;
	default:
		return !is_of_session(statement);
	}
}

static int uses_of_step(struct uses *uses, const struct suspicion_view *view, uint32_t step)
{
	const struct request *request = suspicion_request(view, step);
	const struct statement *statement = &view->trace->statements[request->statement];
	uint16_t task = view->trace->steps[step].task;
	struct use use = {.step = step, .database = request->object, .task = task,
		.unit = unit_of(view->units, task, step), .reads = statement->kind != STATEMENT_WRITE,
		.writes = statement->kind != STATEMENT_READ, .more = true};
	if (statement->ntables > 0)
		use.more = statement->flags & STATEMENT_UNBOUNDED;
	uses->vague[use.database] |= use.more;
	if (statement->ntables == 0)
		return use_add(uses, use);
	for (uint32_t i = 0; i < statement->ntables; i++) {
		use.table = statement->tables[i].table;
		use.reads = statement->tables[i].reads;
		use.writes = statement->tables[i].writes;
		if (use_add(uses, use))
			return -1;
	}
	return 0;
}

static int uses_fill(struct uses *uses, const struct suspicion_view *view)
{
	uses->vague = calloc(view->trace->nobjects + 1, sizeof(*uses->vague));
	if (!uses->vague)
		return -1;
	for (uint32_t step = 0; step < view->nsteps; step++)
		if (touches_rows(view, step) && uses_of_step(uses, view, step))
			return -1;
	return 0;
}

static bool is_same_table(const struct use *left, const struct use *right)
{
	return left->database == right->database && (left->table == right->table || !left->table || !right->table);
}

/* Do two uses meet? Where what is most suspicious has been looked for, also behind what they name. */
static bool do_meet(const struct use *left, const struct use *right, enum suspicion_rank rank)
{
	if (is_same_table(left, right))
		return true;
	return rank >= SUSPICION_SKEW && rank != SUSPICION_UNCOMMITTED && left->database == right->database &&
		((left->more && left->writes) || (right->more && right->writes));
}

/*
 * Would the two uses be affected by a foreign one in between? After two reads only a write of the same table matters;
 * before a write of the unit also a read: who reads there acts on what is about to change.
 */
static bool is_between(const struct use *use, const struct use *first, const struct use *last, enum suspicion_rank rank)
{
	if (use->task == first->task && use->unit == first->unit)
		return false;
	if (do_meet(use, first, rank))
		return use->writes || first->writes || (last->writes && do_meet(use, last, rank));
	return last->writes && do_meet(use, last, rank);
}

/* Has this not been met yet? Who makes a pair, on which side of it, and for which unit, is mixed in. */
static bool is_first(struct uses *uses, uint64_t pair, const struct use *use)
{
	uint64_t who = (uint64_t)use->task << 32 | use->unit;
	return signatures_add(&uses->pairs, (pair ^ who * 0x9e3779b97f4a7c15ULL) | 1) == 0;
}

/*
 * Each other task's first fitting use after `last`, for each unit that it works for then, or where there is none its first
 * before `first`.
 */
static int foreign_uses(struct uses *uses, const struct suspicion_view *view, enum suspicion_rank rank,
	const struct use *first, const struct use *last)
{
	bool after[LIMIT_TASKS] = {false}, before[LIMIT_TASKS] = {false};
	uint64_t pair = (suspicion_pair(view, rank, first->step, last->step) ^ first->table) & ~1ULL;
	uint64_t steps = pair ^ ((uint64_t)first->step << 32 | last->step) * 0xbf58476d1ce4e5b9ULL;
	if (signatures_add(&uses->pairs, pair) != 0)
		return 0;
	for (int later = 1; later >= 0; later--) {
		for (uint32_t i = 0; i < uses->n; i++) {
			const struct use *use = &uses->items[i];
			if (!is_between(use, first, last, rank))
				continue;
			if (later ? use->step <= last->step || !is_first(uses, steps, use) :
				use->step >= first->step || after[use->task] || before[use->task])
				continue;
			*(later ? &after[use->task] : &before[use->task]) = true;
			if (suspicion_break(view, rank, first->step, last->step, use->step))
				return -1;
		}
	}
	return 0;
}

static bool is_one_statement(const struct suspicion_view *view, const struct use *left, const struct use *right)
{
	return suspicion_place(view, left->step) == suspicion_place(view, right->step);
}

/*
 * What the same unit does next after a use: the first write of the same table and of any other, the first read of the
 * same table after a read, whatever comes first after a write. Of a vague database any table may be the same one, but
 * for what is most suspicious.
 */
static int pairs_of(struct uses *uses, const struct suspicion_view *view, uint32_t index, uint32_t *npairs)
{
	const struct use *first = &uses->items[index];
	bool same = false, other = false, again = false;
	for (uint32_t i = index + 1; i < uses->n && !same && *npairs < MOST_PAIRS; i++, ++*npairs) {
		const struct use *last = &uses->items[i];
		bool here = is_same_table(first, last);
		if (last->task != first->task || last->unit != first->unit || last->database != first->database ||
			last->step == first->step || is_one_statement(view, first, last))
			continue;
		if (here && first->reads && last->writes) {
			same = true;
			if (foreign_uses(uses, view, SUSPICION_CHECK_THEN_ACT, first, last))
				return -1;
		} else if (!here && !other && first->reads && last->writes) {
			other = true;
			if (foreign_uses(uses, view, SUSPICION_SKEW, first, last))
				return -1;
		} else if ((here || uses->vague[first->database]) && !again && (first->writes || last->reads)) {
			again = true;
			if (foreign_uses(uses, view, SUSPICION_SPLIT, first, last))
				return -1;
		}
	}
	return 0;
}

/* Uses, in the order of their steps, by a step of this number or a later one: the first of them. */
static uint32_t uses_since(const struct uses *uses, uint32_t step)
{
	uint32_t low = 0, high = uses->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (uses->items[middle].step < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The step commits what its task has written since step `begin`. */
static int uncommitted(struct uses *uses, const struct suspicion_view *view, uint32_t begin, uint32_t step, uint32_t *npairs)
{
	uint16_t task = view->trace->steps[step].task;
	struct use commit = {.step = step, .database = suspicion_request(view, step)->object, .task = task,
		.unit = unit_of(view->units, task, step), .writes = true};
	for (uint32_t i = uses_since(uses, begin); i < uses->n && uses->items[i].step < step && *npairs < MOST_PAIRS; i++, ++*npairs) {
		const struct use *use = &uses->items[i];
		if (use->task != task || use->unit != commit.unit || use->database != commit.database || !use->writes)
			continue;
		commit.table = use->table;
		if (foreign_uses(uses, view, SUSPICION_UNCOMMITTED, use, &commit))
			return -1;
	}
	return 0;
}

/*
 * A lock that is given back before the commit protects nothing, and a statement that looks and changes in one does not
 * see what others have not committed.
 */
static int commits(struct uses *uses, const struct suspicion_view *view, uint32_t *npairs)
{
	uint32_t begins[LIMIT_TASKS] = {0};
	for (uint32_t step = 0; step < view->nsteps; step++) {
		const struct request *request = suspicion_request(view, step);
		uint16_t task = view->trace->steps[step].task;
		uint8_t kind = view->trace->statements[request->statement].kind;
		if (op_info(request->op)->object_kind != OBJECT_DATABASE || !request->statement)
			continue;
		if (kind == STATEMENT_COMMIT && uncommitted(uses, view, begins[task], step, npairs))
			return -1;
		if (kind == STATEMENT_BEGIN || kind == STATEMENT_COMMIT || kind == STATEMENT_ROLLBACK)
			begins[task] = step + 1;
	}
	return 0;
}

int suspicion_database(const struct suspicion_view *view)
{
	struct uses uses = {0};
	uint32_t npairs = 0;
	int status = uses_fill(&uses, view) || commits(&uses, view, &npairs) ? -1 : 0;
	for (uint32_t i = 0; i < uses.n && !status; i++)
		status = pairs_of(&uses, view, i, &npairs);
	free(uses.items);
	free(uses.vague);
	signatures_fini(&uses.pairs);
	return status;
}
