#include "history.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "../meeting.h"
#include "glimpse.h"
#include "shared/op.h"
#include "sqlite_code.h"

static bool access_add(struct history *history, struct history_access access)
{
	/* doubling: capacity is the next power of two, from 16 */
	uint32_t n = history->naccesses;

	if (n == 0 || (n >= 16 && (n & (n - 1)) == 0)) {
		struct history_access *grown = realloc(history->accesses, (n ? 2UL * n : 16) * sizeof *grown);
		if (!grown)
			return false;
		history->accesses = grown;
	}
	history->accesses[history->naccesses++] = access;
	return true;
}

static bool has_failed(const struct trace *trace, uint32_t step)
{
	return trace->steps[step].done && !sqlite_code_is_success(trace->steps[step].result);
}

static bool is_access(const struct trace *trace, uint32_t step)
{
	const struct request *request = &trace_step_announce(trace, step)->request;

	if (!unit_step_touches(trace, step) || op_info(request->op)->object_kind != OBJECT_DATABASE)
		return false;
	/* finding out that a constraint does not hold takes a look at the table */
	if (has_failed(trace, step) && !sqlite_code_is_constraint(trace->steps[step].result))
		return false;
	if (request->statement == 0 || request->statement > trace->nstatements)
		return true;
	uint8_t kind = trace->statements[request->statement].kind;
	return kind == STATEMENT_UNKNOWN || kind == STATEMENT_READ || kind == STATEMENT_WRITE || kind == STATEMENT_SCHEMA;
}

/* Waits for locks directly after the statement, by the same task, are part of it. */
static uint32_t find_effect_step(const struct trace *trace, uint32_t step)
{
	uint32_t at = step;

	for (uint32_t i = step + 1; i < trace->nsteps; i++) {
		if (trace->steps[i].task != trace->steps[step].task)
			continue;
		if (trace_step_announce(trace, i)->request.op != OP_DB_WAIT)
			break;
		at = i;
	}
	return at;
}

/* The first of these records, which begin with the step that they are of, at or behind `step`. */
static uint32_t first_at(const void *records, uint32_t n, size_t nbytes, uint32_t step)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (*(const uint32_t *)((const char *)records + middle * nbytes) < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t first_row_at(const struct trace *trace, uint32_t step)
{
	_Static_assert(offsetof(struct trace_row, at_step) == 0, "");
	return first_at(trace->rows, trace->nrows, sizeof *trace->rows, step);
}

static bool is_row_of(const struct trace *trace, const struct history_access *access, uint32_t row)
{
	return trace->rows[row].task == access->task && trace->rows[row].table == access->table;
}

/* The rows that the statement changed in the table; other tasks' rows may lie between them. */
static void find_rows(const struct trace *trace, struct history_access *access)
{
	for (uint32_t i = first_row_at(trace, access->step); i < trace->nrows && trace->rows[i].at_step <= access->at; i++) {
		if (!is_row_of(trace, access, i))
			continue;
		if (access->nrows == 0)
			access->first_row = i;
		access->nrows = i - access->first_row + 1;
	}
}

/* One access for each table of the statement; false when memory is short. */
static bool add_tables(struct history *history, const struct trace *trace, const struct statement *statement,
	struct history_access access)
{
	bool failed = has_failed(trace, access.step);

	for (uint32_t i = 0; i < statement->ntables && i < STATEMENT_TABLES; i++) {
		const struct statement_table *table = &statement->tables[i];
		access.table = table->table;
		access.name = table->name < trace->text_used ? trace->text + table->name : "";
		access.reads = table->reads || failed;
		access.writes = table->writes && !failed;
		access.nrows = 0;
		if (access.writes)
			find_rows(trace, &access);
		if (!access_add(history, access))
			return false;
	}
	return true;
}

static bool add_step(struct history *history, const struct unit_list *units, uint32_t step)
{
	const struct trace *trace = units->trace;
	const struct request *request = &trace_step_announce(trace, step)->request;
	struct history_access access = {.step = step, .at = find_effect_step(trace, step),
		.unit = units->of_step[step] - 1, .task = trace->steps[step].task, .database = request->object,
		.connection = request->second, .name = "", .reads = true, .writes = true};

	if (request->statement == 0 || request->statement > trace->nstatements)
		return access_add(history, access);
	const struct statement *statement = &trace->statements[request->statement];
	access.statement = request->statement;
	if (!add_tables(history, trace, statement, access))
		return false;
	bool bounded = statement->ntables || statement->kind == STATEMENT_READ; /* SELECT 1: of no table */
	if (bounded && !(statement->flags & STATEMENT_UNBOUNDED))
		return true;
	return access_add(history, access);
}

/*
 * A statement that was sent and then waited for a lock: it takes effect at a later step. What it looks at before counts,
 * unless units meet in memory: then the order of their statements need not explain an outcome.
 */
static bool add_glimpse(struct history *history, const struct unit_list *units, uint32_t step)
{
	const struct trace *trace = units->trace;
	const struct request *request = &trace_step_announce(trace, step)->request;
	struct history_access access = {.step = step, .at = step, .unit = units->of_step[step] - 1,
		.task = trace->steps[step].task, .database = request->object, .connection = request->second,
		.statement = request->statement, .name = "", .reads = true};

	if (request->op != OP_DB_STATEMENT || !trace->steps[step].done || trace->steps[step].result != EAGAIN ||
		history->meets || !glimpse_is(trace_statement_text(trace, request->statement)))
		return true;
	return access_add(history, access);
}

static int compare_accesses(const void *left, const void *right)
{
	const struct history_access *l = left, *r = right;

	if (l->at != r->at)
		return l->at < r->at ? -1 : 1;
	return l->step < r->step ? -1 : l->step > r->step;
}

/* Writes between the transaction's last end and this rollback never happened. */
static void drop_writes(struct history *history, uint32_t connection, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < history->naccesses; i++) {
		struct history_access *access = &history->accesses[i];
		if (access->connection == connection && access->at >= from && access->at <= to)
			access->writes = false;
	}
}

static void drop_rolled_back(struct history *history, const struct trace *trace)
{
	for (uint32_t i = 0; i < trace->ntransactions; i++) {
		const struct trace_transaction *end = &trace->transactions[i];
		uint32_t from = 0;
		if (end->ended != TRANSACTION_ROLLED_BACK)
			continue;
		for (uint32_t j = 0; j < i; j++)
			if (trace->transactions[j].connection == end->connection && trace->transactions[j].ended)
				from = trace->transactions[j].at_step + 1;
		drop_writes(history, end->connection, from, end->at_step);
	}
}

/* Takes out what neither reads nor writes. */
static void compact(struct history *history)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < history->naccesses; i++)
		if (history->accesses[i].reads || history->accesses[i].writes)
			history->accesses[n++] = history->accesses[i];
	history->naccesses = n;
	if (n)
		qsort(history->accesses, n, sizeof *history->accesses, compare_accesses);
}

static bool rows_overlap(const struct trace *trace, const struct history_access *left,
	const struct history_access *right)
{
	for (uint32_t i = left->first_row; i < left->first_row + left->nrows; i++)
		for (uint32_t j = right->first_row; j < right->first_row + right->nrows; j++)
			if (is_row_of(trace, left, i) && is_row_of(trace, right, j) &&
			    trace->rows[i].rowid == trace->rows[j].rowid)
				return true;
	return false;
}

bool history_conflict(const struct trace *trace, const struct history_access *left,
	const struct history_access *right)
{
	if (left->database != right->database || (left->table && right->table && left->table != right->table))
		return false;
	if ((left->writes && right->reads) || (left->reads && right->writes))
		return true;
	if (!left->writes || !right->writes)
		return false;
	return left->nrows == 0 || right->nrows == 0 || rows_overlap(trace, left, right);
}

static uint32_t first_transaction_at(const struct trace *trace, uint32_t step)
{
	_Static_assert(offsetof(struct trace_transaction, at_step) == 0, "");
	return first_at(trace->transactions, trace->ntransactions, sizeof *trace->transactions, step);
}

bool history_ended_between(const struct trace *trace, const struct history_access *first,
	const struct history_access *second)
{
	for (uint32_t i = first_transaction_at(trace, first->step); i < trace->ntransactions; i++) {
		const struct trace_transaction *transaction = &trace->transactions[i];
		if (transaction->at_step >= second->step)
			return false;
		if (transaction->connection == first->connection && (transaction->ended || transaction->state == 0))
			return true;
	}
	return false;
}

/* The step at which others see what the access wrote: the end of its transaction, where there is word of one. */
static uint32_t find_visible(const struct trace *trace, const struct history_access *access)
{
	uint32_t visible = access->at;

	for (uint32_t i = first_transaction_at(trace, access->step); i < trace->ntransactions; i++) {
		const struct trace_transaction *transaction = &trace->transactions[i];
		if (transaction->connection != access->connection)
			continue;
		if (transaction->ended || transaction->state == 0)
			return transaction->at_step > access->at ? transaction->at_step : access->at;
		visible = ~0U;
	}
	return visible;
}

/* Who only reads, and waits for nobody, sees what was there before a transaction that has not ended yet. */
static bool is_unseen(const struct history_access *left, const struct history_access *right)
{
	return left->writes && !right->writes && left->connection != right->connection && right->at < left->visible;
}

static void find_edges(struct history *history, const struct trace *trace)
{
	for (uint32_t i = 0; i < history->naccesses; i++)
		history->accesses[i].visible = find_visible(trace, &history->accesses[i]);
	for (uint32_t j = 1; j < history->naccesses; j++)
		for (uint32_t i = 0; i < j; i++) {
			const struct history_access *left = &history->accesses[i], *right = &history->accesses[j];
			bool unseen = is_unseen(left, right);
			uint32_t from = unseen ? right->unit : left->unit, to = unseen ? left->unit : right->unit;
			bool *edge = &history->edges[from * history->nunits + to];
			if (left->unit != right->unit && !*edge)
				*edge = history_conflict(trace, left, right);
		}
}

struct history *history_open(const struct unit_list *units)
{
	struct history *history = calloc(1, sizeof *history);

	if (!history)
		return NULL;
	history->nunits = units->n;
	history->edges = calloc((size_t)units->n * units->n + 1, sizeof *history->edges);
	bool done = history->edges != NULL;
	history->meets = meeting_is(units);
	for (uint32_t i = 0; done && i < units->trace->nsteps; i++)
		if (units->of_step[i])
			done = is_access(units->trace, i) ? add_step(history, units, i) : add_glimpse(history, units, i);
	if (!done) {
		history_close(history);
		return NULL;
	}
	drop_rolled_back(history, units->trace);
	compact(history);
	find_edges(history, units->trace);
	return history;
}

/* Notes in `seen` what can be reached. */
static void reach(const struct history *history, uint32_t from, bool *seen)
{
	for (uint32_t to = 0; to < history->nunits; to++)
		if (history->edges[from * history->nunits + to] && !seen[to]) {
			seen[to] = true;
			reach(history, to, seen);
		}
}

/* A component is next when everything that leads to it from outside has its number. */
static bool is_next(const struct history *history, const bool *reaches, const uint32_t *component, uint32_t unit)
{
	uint32_t n = history->nunits;

	for (uint32_t i = 0; i < n; i++)
		if (component[i] == ~0U && reaches[i * n + unit] && !reaches[unit * n + i])
			return false;
	return component[unit] == ~0U;
}

uint32_t history_components(const struct history *history, uint32_t *component)
{
	uint32_t n = history->nunits, ncomponents = 0;
	bool *reaches = calloc((size_t)n * n + 1, sizeof *reaches);

	for (uint32_t i = 0; i < n; i++)
		component[i] = reaches ? ~0U : 0; /* short of memory: all in one, which is safe */
	for (uint32_t i = 0; reaches && i < n; i++)
		reach(history, i, reaches + (size_t)i * n);
	for (uint32_t i = 0; reaches && i < n; i++) {
		if (!is_next(history, reaches, component, i))
			continue;
		for (uint32_t j = 0; j < n; j++)
			if (j == i || (reaches[i * n + j] && reaches[j * n + i]))
				component[j] = ncomponents;
		ncomponents++;
		i = ~0U; /* from the beginning: an earlier one may be next now */
	}
	free(reaches);
	return ncomponents ? ncomponents : 1;
}

void history_close(struct history *history)
{
	if (!history)
		return;
	free(history->accesses);
	free(history->edges);
	free(history);
}
