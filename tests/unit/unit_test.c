#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "explorer/unit.h"
#include "tests/unit/story.h"

static void touch(struct story *story, uint16_t task)
{
	story_step(story, task, OP_SQLITE_STEP, STORY_DATABASE);
}

static struct unit_list *units_of(struct story *story)
{
	struct unit_list *units = unit_list_open(story_end(story));

	assert_non_null(units);
	return units;
}

static void threads_are_units_and_their_threads_belong_to_them(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	uint16_t a = story_task(&story, "a", 1), b = story_task(&story, "b", 1), helper = story_task(&story, "helper", a);
	touch(&story, 1);
	touch(&story, a);
	touch(&story, helper);
	touch(&story, b);
	story_exit(&story, a, 7);
	struct unit_list *units = units_of(&story);
	assert_int_equal(units->n, 2);
	assert_string_equal(units->items[0].name, "a");
	assert_int_equal(units->items[0].kind, UNIT_THREAD);
	assert_int_equal(units->items[0].result, 7);
	assert_true(units->items[0].has_result);
	assert_false(units->items[1].has_result);
	assert_int_equal(unit_of(units, helper, 2), 1);
	assert_int_equal(unit_of(units, 1, 0), 0);
	assert_int_equal(units->items[0].first_step, 1);
	assert_int_equal(units->items[0].last_step, 4);
	assert_int_equal(unit_noverlapping(units), 1);
	assert_int_equal(unit_first_step(units), 1);
	unit_list_close(units);
}

static void a_unit_that_touches_nothing_is_told_apart(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	uint16_t a = story_task(&story, "a", 1), b = story_task(&story, "b", 1), c = story_task(&story, "c", 1);
	story_effect(&story, a, "mail", "1");
	story_step(&story, b, OP_MUTEX_LOCK, 1);
	story_step(&story, c, OP_SQLITE_OPEN, STORY_DATABASE);
	struct unit_list *units = units_of(&story);
	assert_int_equal(units->n, 3);
	assert_int_equal(unit_ntouching(units), 1);
	assert_true(units->items[0].touches);
	assert_non_null(unit_find(units, story_hash("b")));
	assert_null(unit_find(units, 5));
	unit_list_close(units);
}

static void processes_go_before_threads(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	uint16_t thread = story_task(&story, "thread", 1), a = story_process(&story, "a", 1), b = story_process(&story, "b", 1);
	uint16_t of_a = story_task(&story, "of_a", a);
	touch(&story, thread);
	touch(&story, of_a);
	touch(&story, b);
	struct unit_list *units = units_of(&story);
	assert_int_equal(units->n, 2);
	assert_int_equal(units->items[0].kind, UNIT_PROCESS);
	assert_int_equal(unit_of(units, of_a, 1), 1);
	assert_int_equal(unit_of(units, thread, 0), 0);
	unit_list_close(units);
}

static void idle_processes_leave_threads_the_units(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	uint16_t a = story_task(&story, "a", 1), b = story_task(&story, "b", 1), date = story_process(&story, "date", a);
	touch(&story, a);
	touch(&story, b);
	story_step(&story, date, OP_EXTERNAL, 0);
	struct unit_list *units = units_of(&story);
	assert_int_equal(units->n, 2);
	assert_int_equal(unit_of(units, date, 2), 1);
	unit_list_close(units);
}

static void a_child_that_does_everything_is_the_harness(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	uint16_t test = story_process(&story, "test", 1);
	uint16_t a = story_task(&story, "a", test), b = story_task(&story, "b", test);
	touch(&story, test);
	touch(&story, a);
	touch(&story, b);
	struct unit_list *units = units_of(&story);
	assert_int_equal(units->n, 2);
	assert_string_equal(units->items[1].name, "b");
	assert_int_equal(unit_of(units, test, 0), 0);
	unit_list_close(units);
}

static void marks_go_before_everything(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	uint16_t server = story_task(&story, "server", 1), other = story_task(&story, "other", 1);
	touch(&story, server);
	story_step(&story, server, OP_UNIT_BEGIN, 0);
	touch(&story, server);
	touch(&story, other);
	uint16_t helper = story_task(&story, "helper", server);
	touch(&story, helper);
	story_step(&story, server, OP_UNIT_END, 0);
	touch(&story, server);
	story.units[0] = (struct trace_unit){.begin_step = 1, .end_step = 5, .task = server, .identity = 50, .name = "refund"};
	story.units[1] = (struct trace_unit){.begin_step = 2, .end_step = 3, .task = server, .identity = 51, .name = "inner"};
	story.trace.nunits = 2;
	struct unit_list *units = units_of(&story);
	assert_int_equal(units->n, 1);
	assert_string_equal(units->items[0].name, "refund");
	assert_true(units->items[0].touches);
	assert_int_equal(unit_of(units, server, 0), 0);
	assert_int_equal(unit_of(units, server, 2), 1);
	assert_int_equal(unit_of(units, server, 6), 0);
	assert_int_equal(unit_of(units, other, 3), 0);
	assert_int_equal(unit_of(units, helper, 4), 1);
	assert_int_equal(units->items[0].nsteps, 4);
	unit_list_close(units);
}

static void a_unit_that_never_ended_lasts_to_the_end(void **state)
{
	struct story story;

	(void)state;
	story_begin(&story);
	uint16_t a = story_task(&story, "a", 1), b = story_task(&story, "b", 1);
	touch(&story, a);
	touch(&story, b);
	story_exit(&story, b, 0);
	struct unit_list *units = units_of(&story);
	assert_int_equal(unit_noverlapping(units), 1); /* `a` waits for something still */
	unit_list_close(units);

	story_begin(&story);
	a = story_task(&story, "a", 1);
	b = story_task(&story, "b", 1);
	touch(&story, a);
	story_exit(&story, a, 0);
	touch(&story, b);
	units = units_of(&story);
	assert_int_equal(unit_noverlapping(units), 0);
	unit_list_close(units);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_are_units_and_their_threads_belong_to_them),
		cmocka_unit_test(a_unit_that_touches_nothing_is_told_apart),
		cmocka_unit_test(processes_go_before_threads),
		cmocka_unit_test(idle_processes_leave_threads_the_units),
		cmocka_unit_test(a_child_that_does_everything_is_the_harness),
		cmocka_unit_test(marks_go_before_everything),
		cmocka_unit_test(a_unit_that_never_ended_lasts_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
