#include "statement_story.h"

#include <string.h>

#include "explorer/db/failure.h"
#include "explorer/db/sqlite_code.h"
#include "phrase.h"

enum { LITERAL_ROWS_MOST = 3 };

static void add_line(struct statement_story *story, struct pool *pool, const char *line)
{
	story->lines = pool_grow(pool, story->lines, story->nlines, sizeof(*story->lines));
	story->lines[story->nlines++] = line;
}

static const struct trace_transaction *transaction_of(const struct trace *trace, uint32_t step)
{
	uint32_t index;

	for (index = 0; index < trace->ntransactions; index++)
		if (trace->transactions[index].at_step == step &&
			trace->transactions[index].task == trace->steps[step].task)
			return &trace->transactions[index];
	return NULL;
}

void statement_story_add(struct statement_story *story, struct pool *pool, const struct trace *trace, uint32_t step)
{
	const struct trace_transaction *transaction = transaction_of(trace, step);
	const struct trace_step *done = &trace->steps[step];

	(void)pool;
	if (!story->begun)
		story->first_step = step;
	story->begun = true;
	story->last_step = step;
	if (transaction) {
		story->nchanges += transaction->changes;
		story->ended = transaction->ended ? transaction->ended : story->ended;
	}
	if (!done->done)
		return;
	if (sqlite_code_is_row(done->result))
		story->nrows_read++;
	else
		story->finished = true;
	if (!sqlite_code_is_success(done->result))
		story->error = done->result;
}

static const struct statement *statement_of(const struct trace *trace, uint32_t index)
{
	return trace->statements && index && index <= trace->nstatements ? &trace->statements[index] : NULL;
}

/* " of orders, customers", or nothing. */
static const char *tables_read(struct pool *pool, const struct trace *trace, uint32_t index)
{
	const struct statement *statement = statement_of(trace, index);
	const char *list = "";
	uint32_t table, offset;

	if (!statement)
		return list;
	for (table = 0; table < statement->ntables && table < STATEMENT_TABLES; table++) {
		offset = statement->tables[table].name;
		if (!statement->tables[table].reads || !offset || offset >= trace->text_used)
			continue;
		list = pool_print(pool, "%s%s%s", list, *list ? ", " : " of ", trace->text + offset);
	}
	return list;
}

static bool is_query(const struct trace *trace, uint32_t index)
{
	const struct statement *statement = statement_of(trace, index);

	return statement && statement->kind == STATEMENT_READ;
}

static bool is_write(const struct trace *trace, uint32_t index)
{
	const struct statement *statement = statement_of(trace, index);

	return statement && statement->kind == STATEMENT_WRITE;
}

static bool belongs(const struct statement_story *story, const struct trace *trace, uint32_t step, uint16_t task)
{
	return step >= story->first_step && step <= story->last_step && trace->steps[story->first_step].task == task;
}

/* One line of a row record: COLUMN=OLD>NEW, where COLUMN is a name or a number. */
struct cell_change {
	const char *column, *old, *new;
	int column_length, old_length, new_length;
};

/* Splits the first line off; false at the end. Values that hold `>` or line ends themselves are cut there. */
static bool next_change(const char **values, struct cell_change *out)
{
	const char *end = strchrnul(*values, '\n'), *equals = memchr(*values, '=', (size_t)(end - *values)), *arrow;

	if (!**values)
		return false;
	equals = equals ? equals : end;
	arrow = equals < end ? memchr(equals, '>', (size_t)(end - equals)) : NULL;
	arrow = arrow ? arrow : end;
	*out = (struct cell_change){.column = *values, .column_length = (int)(equals - *values),
		.old = equals < end ? equals + 1 : end, .new = arrow < end ? arrow + 1 : end};
	out->old_length = (int)(arrow - out->old);
	out->new_length = (int)(end - out->new);
	*values = *end ? end + 1 : end;
	return true;
}

static bool is_change(const struct cell_change *cell)
{
	return cell->old_length != cell->new_length || memcmp(cell->old, cell->new, (size_t)cell->old_length) != 0;
}

static bool has_name(const struct cell_change *cell)
{
	return cell->column_length && (*cell->column < '0' || *cell->column > '9');
}

/* The columns that were changed, where the record has their names: "status, paid_at". */
static const char *columns_of(struct pool *pool, const char *values)
{
	const char *list = "";
	struct cell_change cell;

	while (next_change(&values, &cell))
		if (is_change(&cell) && has_name(&cell))
			list = pool_print(pool, "%s%s%.*s", list, *list ? ", " : "", cell.column_length, cell.column);
	return list;
}

static const char *verb_of(char change)
{
	return change == 'i' ? "inserts" : change == 'd' ? "deletes" : "updates";
}

static const char *preposition_of(char change)
{
	return change == 'i' ? "into" : change == 'd' ? "from" : "of";
}

static bool is_alike(const struct trace_row *left, const struct trace_row *right)
{
	return left->change == right->change && left->table == right->table;
}

static void tell_row_values(struct statement_story *story, struct pool *pool, const struct trace_row *row)
{
	const char *values = row->values, *name;
	struct cell_change cell;

	while (next_change(&values, &cell)) {
		if (row->change == 'u' && !is_change(&cell))
			continue;
		name = has_name(&cell) ? pool_print(pool, "%.*s: ", cell.column_length, cell.column) : "";
		if (row->change == 'u')
			add_line(story, pool, pool_print(pool, "  %s%.*s -> %.*s", name, cell.old_length, cell.old,
				cell.new_length, cell.new));
		else
			add_line(story, pool, pool_print(pool, "  %s%.*s", name,
				row->change == 'd' ? cell.old_length : cell.new_length,
				row->change == 'd' ? cell.old : cell.new));
	}
}

/* One line per table and kind of change. */
static void tell_changes(struct statement_story *story, struct pool *pool, const struct trace *trace, bool literals)
{
	const struct trace_row *row, *previous = NULL;
	const char *columns;
	uint32_t index, next, count;

	for (index = 0; index < trace->nrows; index++) {
		row = &trace->rows[index];
		if (!belongs(story, trace, row->at_step, row->task) || (previous && is_alike(previous, row)))
			continue;
		for (count = 0, next = index; next < trace->nrows; next++)
			count += belongs(story, trace, trace->rows[next].at_step, trace->rows[next].task) &&
				is_alike(row, &trace->rows[next]);
		columns = row->change == 'u' ? columns_of(pool, row->values) : "";
		add_line(story, pool, pool_print(pool, "%s %s %s %s%s%s", verb_of(row->change),
			phrase_count(pool, count, "row"), preposition_of(row->change), row->table_name,
			*columns ? ": " : "", columns));
		if (literals && count == 1)
			tell_row_values(story, pool, row);
		previous = row;
	}
	if (previous)
		return;
	if (story->nchanges)
		add_line(story, pool, pool_print(pool, "changes %s", phrase_count(pool, story->nchanges, "row")));
	else if (is_write(trace, story->statement) && story->finished && !story->error)
		add_line(story, pool, "changes no row");
}

static void tell_reads(struct statement_story *story, struct pool *pool, const struct trace *trace)
{
	const char *tables = tables_read(pool, trace, story->statement);

	if (story->nrows_read)
		add_line(story, pool, pool_print(pool, "reads %s%s", phrase_count(pool, story->nrows_read, "row"),
			tables));
	else if (is_query(trace, story->statement) && story->finished && !story->error && *tables)
		add_line(story, pool, pool_print(pool, "finds no row%s", tables));
}

static void tell_row_read(struct statement_story *story, struct pool *pool, const struct trace *trace)
{
	uint32_t index, count = 0;

	for (index = 0; index < trace->nvalues && count < LITERAL_ROWS_MOST; index++) {
		if (trace->values[index].role != 'r' || trace->values[index].statement != story->statement ||
			!belongs(story, trace, trace->values[index].at_step, trace->values[index].task))
			continue;
		add_line(story, pool, pool_print(pool, "  %s", trace->values[index].text));
		count++;
	}
}

const char *statement_story_whole(const struct trace *trace, uint32_t step)
{
	uint32_t index;

	for (index = 0; index < trace->nvalues; index++)
		if (trace->values[index].role == 'p' && trace->values[index].at_step == step &&
			trace->values[index].task == trace->steps[step].task)
			return trace->values[index].text;
	return NULL;
}

void statement_story_tell(struct statement_story *story, struct pool *pool, const struct trace *trace, bool literals)
{
	const struct statement *statement = statement_of(trace, story->statement);

	tell_reads(story, pool, trace);
	if (literals)
		tell_row_read(story, pool, trace);
	tell_changes(story, pool, trace, literals);
	if (story->error)
		add_line(story, pool, pool_print(pool, "fails: %s", failure_text(trace, story->last_step, story->error)));
	if (story->ended == 2 && !(statement && statement->kind == STATEMENT_ROLLBACK))
		add_line(story, pool, "the transaction is rolled back");
}

bool statement_story_is_tail(const struct trace *trace, uint32_t step)
{
	const struct trace_announce *announce = trace_step_announce(trace, step), *before;
	const struct trace_transaction *transaction = transaction_of(trace, step);
	const struct trace_step *done = &trace->steps[step];
	uint32_t index;

	if (!done->done || sqlite_code_is_row(done->result) || !sqlite_code_is_success(done->result) ||
		(transaction && transaction->changes))
		return false;
	for (index = step; index-- > 0;) {
		before = trace_step_announce(trace, index);
		if (before->task != announce->task || before->request.statement != announce->request.statement ||
			before->request.second != announce->request.second)
			continue;
		return before->request.op == announce->request.op && trace->steps[index].done &&
			sqlite_code_is_row(trace->steps[index].result);
	}
	return false;
}
