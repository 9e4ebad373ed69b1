#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "explorer/db/history.h"
#include "explorer/serial_order.h"
#include "tests/unit/story.h"

enum { BUSY = 5, CONSTRAINT = 19 };

static struct story story;
static uint16_t tasks[4];
static uint32_t select_a, update_a, select_b, update_b;

static int begin(void **state)
{
	static const char *const names[] = {"one", "two", "three", "four"};

	(void)state;
	story_begin(&story);
	for (int i = 0; i < 4; i++)
		tasks[i] = story_task(&story, names[i], 1);
	select_a = story_prepare(&story, "SELECT a", STATEMENT_READ, "a", NULL);
	update_a = story_prepare(&story, "UPDATE a", STATEMENT_WRITE, NULL, "a");
	select_b = story_prepare(&story, "SELECT b", STATEMENT_READ, "b", NULL);
	update_b = story_prepare(&story, "UPDATE b", STATEMENT_WRITE, NULL, "b");
	return 0;
}

static uint32_t read_table(int task, uint32_t statement)
{
	return story_statement(&story, tasks[task], statement, 0, 0);
}

static uint32_t write_row(int task, uint32_t statement, const char *table, int64_t row)
{
	uint32_t step = story_statement(&story, tasks[task], statement, 1, 0);

	story_row(&story, tasks[task], table, row, 'u');
	return step;
}

/* Edges of the story's conflict graph as text: "0>1 1>0 ". */
static const char *edges(void)
{
	static char text[256];
	struct unit_list *units = unit_list_open(story_end(&story));
	struct history *history = history_open(units);
	size_t length = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < history->nunits; i++)
		for (uint32_t j = 0; j < history->nunits; j++)
			if (history->edges[i * history->nunits + j])
				length += (size_t)snprintf(text + length, sizeof text - length, "%u>%u ", i, j);
	history_close(history);
	unit_list_close(units);
	return text;
}

static void a_write_conflicts_with_reads_before_and_after(void **state)
{
	(void)state;
	read_table(0, select_a);
	write_row(1, update_a, "a", 1);
	read_table(2, select_a);
	read_table(3, select_b);
	assert_string_equal(edges(), "0>1 1>2 ");
}

static void writes_conflict_in_common_rows_only(void **state)
{
	(void)state;
	write_row(0, update_a, "a", 1);
	write_row(1, update_a, "a", 2);
	write_row(2, update_a, "a", 1);
	write_row(3, update_b, "b", 1);
	assert_string_equal(edges(), "0>2 ");
}

static void an_unknown_statement_conflicts_with_everything(void **state)
{
	(void)state;
	read_table(0, select_b);
	story_step(&story, tasks[1], OP_SQLITE_STEP, STORY_DATABASE);
	read_table(2, select_a);
	assert_string_equal(edges(), "0>1 1>2 ");
}

static void a_statement_takes_effect_when_it_has_its_lock(void **state)
{
	(void)state;
	uint32_t step = story_statement(&story, tasks[0], update_a, 1, 0);
	read_table(1, select_a);
	story_step(&story, tasks[0], OP_DB_WAIT, STORY_DATABASE);
	story_row(&story, tasks[0], "a", 1, 'u');
	assert_string_equal(edges(), "1>0 ");

	struct unit_list *units = unit_list_open(story_end(&story));
	struct history *history = history_open(units);
	assert_int_equal(history->accesses[1].step, step);
	assert_int_equal(history->accesses[1].at, step + 2);
	assert_int_equal(history->accesses[1].nrows, 1);
	history_close(history);
	unit_list_close(units);
}

/* The last statement was of this connection; it has not ended a transaction, or it has. */
static uint32_t of(uint32_t step, uint32_t connection, bool ends)
{
	struct trace_transaction *transaction = &story.transactions[story.trace.ntransactions - 1];

	story.announces[step].request.second = transaction->connection = connection;
	transaction->autocommit = 0;
	transaction->state = ends ? 0 : 2;
	transaction->ended = ends;
	return step;
}

static void who_reads_before_a_commit_comes_first(void **state)
{
	(void)state;
	uint32_t commit = story_prepare(&story, "COMMIT", STATEMENT_COMMIT, NULL, NULL);
	of(story_statement(&story, tasks[0], update_a, 1, 0), 7, false);
	of(story_statement(&story, tasks[1], select_a, 0, 0), 8, true);
	of(story_statement(&story, tasks[2], select_a, 0, 0), 7, false); /* in the same session */
	of(story_statement(&story, tasks[0], commit, 0, 0), 7, true);
	of(story_statement(&story, tasks[3], select_a, 0, 0), 8, true);
	assert_string_equal(edges(), "0>2 0>3 1>0 ");
}

static const char *edges_of_waiting(const char *text)
{
	uint32_t statement = story_prepare(&story, text, STATEMENT_UNKNOWN, NULL, NULL);
	uint32_t commit = story_prepare(&story, "COMMIT", STATEMENT_COMMIT, NULL, NULL);

	of(story_statement(&story, tasks[0], update_a, 1, 0), 7, false);
	uint32_t waits = story_step(&story, tasks[1], OP_DB_STATEMENT, STORY_DATABASE);
	story.announces[waits].request.statement = statement;
	story.announces[waits].request.second = 8;
	story.steps[waits].done = true;
	story.steps[waits].result = EAGAIN;
	of(story_statement(&story, tasks[0], commit, 0, 0), 7, true);
	of(story_statement(&story, tasks[1], statement, 1, 0), 8, true);
	return edges();
}

static void who_looks_before_waiting_comes_first_as_well(void **state)
{
	(void)state;
	assert_string_equal(edges_of_waiting("UPDATE a SET n = b.n FROM b"), "0>1 1>0 ");
	begin(NULL);
	assert_string_equal(edges_of_waiting("SELECT f(?)"), "0>1 1>0 ");
	begin(NULL);
	assert_string_equal(edges_of_waiting("UPDATE a SET n = n - ? WHERE id = ?"), "0>1 ");
	begin(NULL);
	assert_string_equal(edges_of_waiting("SELECT n FROM a WHERE id IN (?) FOR UPDATE"), "0>1 ");
	begin(NULL);
	assert_string_equal(edges_of_waiting("SELECT pg_advisory_xact_lock(?)"), "0>1 ");
	begin(NULL);
	assert_string_equal(edges_of_waiting("DELETE FROM a WHERE id = ?"), "0>1 ");
}

static void failed(uint32_t step, int64_t code)
{
	story.steps[step].result = code;
}

static void what_failed_did_nothing_but_a_constraint_has_looked(void **state)
{
	(void)state;
	write_row(0, update_a, "a", 1);
	failed(story_statement(&story, tasks[1], update_a, 0, BUSY), BUSY);
	failed(story_statement(&story, tasks[2], update_a, 0, CONSTRAINT), CONSTRAINT);
	write_row(3, update_a, "a", 2);
	assert_string_equal(edges(), "0>2 2>3 ");
}

static void what_was_rolled_back_was_not_written(void **state)
{
	(void)state;
	write_row(0, update_a, "a", 1);
	story.transactions[story.trace.ntransactions - 1].ended = 0;
	story.transactions[story.trace.ntransactions - 1].autocommit = 0;
	uint32_t rollback = story_prepare(&story, "ROLLBACK", STATEMENT_ROLLBACK, NULL, NULL);
	story_statement(&story, tasks[0], rollback, 0, 0);
	story.transactions[story.trace.ntransactions - 1].ended = 2;
	read_table(1, select_a);
	assert_string_equal(edges(), "");
}

/* Orders that could explain the story, as names' first letters: "otx" ... */
static const char *orders(const struct coupling *coupling, bool by_graph, struct serial_order_list *list)
{
	static char text[1024];
	struct unit_list *units = unit_list_open(story_end(&story));
	struct history *history = history_open(units);
	struct serial_order_question question = {.units = units, .coupling = coupling, .history = by_graph ? history : NULL};
	size_t length = 0;

	assert_int_equal(serial_order_list(&question, list), 0);
	for (uint32_t i = 0; i < list->n; i++) {
		for (uint32_t j = 0; j < list->items[i].n; j++)
			text[length++] = unit_find(units, list->items[i].units[j])->name[0];
		text[length++] = ' ';
	}
	text[length] = '\0';
	struct serial_order_list done = *list;
	serial_order_fini(&done);
	history_close(history);
	unit_list_close(units);
	return text;
}

static void without_a_cycle_one_order_will_do(void **state)
{
	struct coupling coupling = {0};
	struct serial_order_list list;

	(void)state;
	write_row(1, update_a, "a", 1);
	read_table(0, select_a);
	assert_string_equal(orders(&coupling, true, &list), "to ");
	assert_false(list.cyclic);
	assert_string_equal(orders(&coupling, false, &list), "ot to ");
}

static void units_on_a_cycle_are_permuted(void **state)
{
	struct coupling coupling = {0};
	struct serial_order_list list;

	(void)state;
	read_table(2, select_b);
	read_table(0, select_a);
	read_table(1, select_a);
	write_row(0, update_a, "a", 1);
	write_row(1, update_a, "a", 1);
	story.tasks[tasks[2]].name = "x";
	assert_string_equal(orders(&coupling, true, &list), "otx tox ");
	assert_true(list.cyclic);
	assert_true(list.complete);
}

static void coupled_units_stay_together(void **state)
{
	struct coupling_pair pair = {story_hash("one"), story_hash("three"), "one", "three"};
	struct coupling coupling = {.npairs = 1, .pairs = &pair};
	struct serial_order_list list;

	(void)state;
	read_table(0, select_a);
	write_row(1, update_a, "a", 1);
	read_table(2, select_b);
	story.tasks[tasks[2]].name = "x";
	assert_string_equal(orders(&coupling, false, &list), "oxt tox ");
	assert_int_equal(list.ngroups, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_write_conflicts_with_reads_before_and_after, begin),
		cmocka_unit_test_setup(writes_conflict_in_common_rows_only, begin),
		cmocka_unit_test_setup(an_unknown_statement_conflicts_with_everything, begin),
		cmocka_unit_test_setup(a_statement_takes_effect_when_it_has_its_lock, begin),
		cmocka_unit_test_setup(who_reads_before_a_commit_comes_first, begin),
		cmocka_unit_test_setup(who_looks_before_waiting_comes_first_as_well, begin),
		cmocka_unit_test_setup(what_failed_did_nothing_but_a_constraint_has_looked, begin),
		cmocka_unit_test_setup(what_was_rolled_back_was_not_written, begin),
		cmocka_unit_test_setup(without_a_cycle_one_order_will_do, begin),
		cmocka_unit_test_setup(units_on_a_cycle_are_permuted, begin),
		cmocka_unit_test_setup(coupled_units_stay_together, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
