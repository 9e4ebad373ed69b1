#include "refusal.h"

#include "db/sqlite_code.h"
#include "shared/session_words.h"

enum { CONNECTIONS = 64, ENDED_COMMIT = 1, ENDED_ROLLBACK = 2 };

/* Connections on which the unit has changed rows that are not committed yet. */
struct pending {
	uint32_t n;
	uint32_t connections[CONNECTIONS];
};

static bool pending_has(const struct pending *pending, uint32_t connection)
{
	for (uint32_t i = 0; i < pending->n; i++)
		if (pending->connections[i] == connection)
			return true;
	return false;
}

static void pending_add(struct pending *pending, uint32_t connection)
{
	if (!pending_has(pending, connection) && pending->n < CONNECTIONS)
		pending->connections[pending->n++] = connection;
}

static void pending_remove(struct pending *pending, uint32_t connection)
{
	for (uint32_t i = 0; i < pending->n; i++)
		if (pending->connections[i] == connection)
			pending->connections[i] = pending->connections[--pending->n];
}

static bool is_error(const struct trace_transaction *transaction)
{
	return !sqlite_code_is_success(transaction->error);
}

static bool is_write(const struct trace *trace, const struct trace_transaction *transaction)
{
	return transaction->statement && transaction->statement <= trace->nstatements &&
		trace->statements[transaction->statement].kind == STATEMENT_WRITE;
}

static bool writes_same_table(const struct statement *left, const struct statement *right)
{
	for (uint32_t i = 0; i < left->ntables; i++)
		for (uint32_t j = 0; j < right->ntables; j++)
			if (left->tables[i].writes && right->tables[j].writes && left->tables[i].table == right->tables[j].table)
				return true;
	return false;
}

/*
 * A unit takes away what it has put there before, a lock say, and finds it gone: it was not turned away then, others
 * have taken away what is its own.
 */
static bool misses_own(const struct unit_list *units, uint32_t unit, uint32_t index)
{
	static const char *const taking[] = {"delete", "del", "unlink", NULL};
	const struct trace *trace = units->trace;
	const struct trace_transaction *missing = &trace->transactions[index];
	struct session_words words = {.at = trace_statement_text(trace, missing->statement)};

	if (is_error(missing) || !session_words_next(&words) || !session_words_is(words.word, taking))
		return false;
	for (uint32_t i = 0; i < index; i++) {
		const struct trace_transaction *before = &trace->transactions[i];
		if (before->database == missing->database && before->changes > 0 && is_write(trace, before) &&
		    unit_of(units, before->task, before->at_step) == unit + 1 &&
		    writes_same_table(&trace->statements[before->statement], &trace->statements[missing->statement]))
			return true;
	}
	return false;
}

static void note_work(struct refusal_conduct *conduct)
{
	conduct->worked = true;
	conduct->troubled = false;
}

static void note_trouble(struct refusal_conduct *conduct, const struct trace *trace,
	const struct trace_transaction *transaction)
{
	if (!conduct->troubled)
		conduct->trouble = (uint32_t)(transaction - trace->transactions);
	conduct->troubled = conduct->hindered = true;
}

/* Another task may commit or roll back what the unit has written on a connection that they share. */
static void note_end(struct refusal_conduct *conduct, struct pending *pending, const struct trace *trace,
	const struct trace_transaction *transaction)
{
	if (!pending_has(pending, transaction->connection))
		return;
	if (transaction->ended == ENDED_ROLLBACK)
		note_trouble(conduct, trace, transaction);
	else if (transaction->ended == ENDED_COMMIT || (transaction->autocommit && !is_error(transaction)))
		note_work(conduct);
	else
		return;
	pending_remove(pending, transaction->connection);
}

static void note_transaction(struct refusal_conduct *conduct, struct pending *pending, const struct unit_list *units,
	uint32_t unit, uint32_t index)
{
	const struct trace *trace = units->trace;
	const struct trace_transaction *transaction = &trace->transactions[index];
	bool own = unit_of(units, transaction->task, transaction->at_step) == unit + 1;

	if (own && (is_error(transaction) || transaction->ended == ENDED_ROLLBACK ||
		    (is_write(trace, transaction) && transaction->changes == 0 && !misses_own(units, unit, index))))
		note_trouble(conduct, trace, transaction);
	if (own && transaction->changes > 0 && !is_error(transaction))
		pending_add(pending, transaction->connection);
	note_end(conduct, pending, trace, transaction);
}

struct refusal_conduct refusal_conduct_of(const struct unit_list *units, uint32_t unit)
{
	const struct trace *trace = units->trace;
	struct refusal_conduct conduct = {0};
	struct pending pending = {0};
	uint32_t effect = 0;

	for (uint32_t i = 0; i <= trace->ntransactions; i++) {
		uint32_t until = i < trace->ntransactions ? trace->transactions[i].at_step : ~0U;
		for (; effect < trace->neffects && trace->effects[effect].at_step < until; effect++)
			if (unit_of(units, trace->effects[effect].task, trace->effects[effect].at_step) == unit + 1)
				note_work(&conduct);
		if (i == trace->ntransactions)
			break;
		note_transaction(&conduct, &pending, units, unit, i);
	}
	return conduct;
}

enum refusal refusal_judge(const struct unit *unit, const struct refusal_conduct *conduct,
	const struct refusal_answer *answers, uint32_t nanswers)
{
	bool observable = unit->has_result && unit->result != 0, says_worked = false;

	if (!conduct->hindered)
		return REFUSAL_NONE;
	for (uint32_t i = 0; i < nanswers; i++) {
		if (answers[i].unit != unit->identity || !answers[i].has_result)
			continue;
		observable = observable || answers[i].result != 0;
		says_worked = says_worked || (answers[i].worked && unit->has_result && answers[i].result == unit->result);
	}
	if (observable && !says_worked)
		return REFUSAL_TOLD;
	if (!conduct->troubled)
		return REFUSAL_NONE;
	return observable ? REFUSAL_SILENT : REFUSAL_UNOBSERVED;
}
