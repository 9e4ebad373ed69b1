/* What two units did between each other, where footprints don't tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explorer/overlap.h"
#include "tests/unit/story.h"

static struct story story;
static uint16_t tasks[2];
static uint32_t look, act, other, read_a;

static int begin(void **state)
{
	(void)state;
	story_begin(&story);
	tasks[0] = story_task(&story, "charge", 1);
	tasks[1] = story_task(&story, "webhook", 1);
	look = story_prepare(&story, "SELECT look(?)", STATEMENT_UNKNOWN, NULL, NULL);
	act = story_prepare(&story, "SELECT act(?)", STATEMENT_UNKNOWN, NULL, NULL);
	other = story_prepare(&story, "BEGIN; UPDATE a; COMMIT", STATEMENT_UNKNOWN, NULL, "a");
	read_a = story_prepare(&story, "SELECT a", STATEMENT_READ, "a", NULL);
	return 0;
}

static struct overlap find(const char *wanted)
{
	struct unit_list *units = unit_list_open(story_end(&story));
	struct history *history = history_open(units);
	struct overlap overlap = overlap_find(units, history, wanted);

	history_close(history);
	unit_list_close(units);
	return overlap;
}

static void the_change_lies_between_what_another_did(void **state)
{
	(void)state;
	uint32_t before = story_statement(&story, tasks[0], look, 0, 0);
	story_statement(&story, tasks[1], look, 0, 0);
	uint32_t change = story_statement(&story, tasks[1], act, 1, 0);
	uint32_t after = story_statement(&story, tasks[0], act, 1, 0);
	struct overlap overlap = find(NULL);
	assert_true(overlap.found);
	assert_int_equal(overlap.first, 0);
	assert_int_equal(overlap.second, 1);
	assert_int_equal(overlap.before, before);
	assert_int_equal(overlap.change, change);
	assert_int_equal(overlap.after, after);
	assert_string_equal(overlap.table, "");
}

static void what_changed_nothing_tells_less(void **state)
{
	(void)state;
	story_statement(&story, tasks[0], look, 0, 0);
	story_statement(&story, tasks[1], act, 0, 0);
	story_statement(&story, tasks[0], look, 0, 0);
	uint32_t change = story_statement(&story, tasks[1], act, 2, 0);
	story_statement(&story, tasks[0], look, 0, 0);
	uint32_t after = story_statement(&story, tasks[0], act, 1, 0);
	struct overlap overlap = find(NULL);
	assert_int_equal(overlap.change, change);
	assert_int_equal(overlap.after, after);
}

static void a_table_is_named_where_it_is_known(void **state)
{
	(void)state;
	story_statement(&story, tasks[0], look, 0, 0);
	story_statement(&story, tasks[1], other, 1, 0);
	story_statement(&story, tasks[0], act, 1, 0);
	struct overlap overlap = find("a");
	assert_true(overlap.found);
	assert_int_equal(overlap.second, 1);
	assert_string_equal(overlap.table, "a");
}

static void the_last_change_has_nothing_behind_it(void **state)
{
	(void)state;
	story_statement(&story, tasks[1], read_a, 0, 0);
	uint32_t before = story_statement(&story, tasks[0], read_a, 0, 0);
	uint32_t change = story_statement(&story, tasks[1], other, 1, 0);
	struct overlap overlap = find(NULL);
	assert_true(overlap.found);
	assert_int_equal(overlap.before, before);
	assert_int_equal(overlap.change, change);
	assert_int_equal(overlap.after, OVERLAP_NONE);
}

static void units_that_only_read_explain_nothing(void **state)
{
	(void)state;
	story_statement(&story, tasks[0], read_a, 0, 0);
	story_statement(&story, tasks[1], read_a, 0, 0);
	story_statement(&story, tasks[0], read_a, 0, 0);
	assert_false(find(NULL).found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_change_lies_between_what_another_did, begin),
		cmocka_unit_test_setup(what_changed_nothing_tells_less, begin),
		cmocka_unit_test_setup(a_table_is_named_where_it_is_known, begin),
		cmocka_unit_test_setup(the_last_change_has_nothing_behind_it, begin),
		cmocka_unit_test_setup(units_that_only_read_explain_nothing, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
