#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/view.h"
#include "scene.h"

static struct control control;
static char text[8192];

/* A world of these tasks. */
static void open_tasks(uint32_t ntasks, const char *const *names)
{
	struct world *world = scene_open(ntasks);

	for (uint32_t id = 1; id <= ntasks; id++) {
		snprintf(world->tasks[id].name, LIMIT_NAME_BYTES, "%s", names[id - 1]);
		world->tasks[id].tid = (int32_t)(100 + id);
	}
}

/* What the view of the scene says. */
static const char *look(const char *name, const struct schedule *schedule, uint32_t line)
{
	FILE *out = fmemopen(text, sizeof text, "w");

	memcpy(&control.world, scene_world(), sizeof control.world);
	assert_int_equal(view_print(name, &control, (struct follower_place){schedule, NULL, line}, out), 0);
	fclose(out);
	return text;
}

static const char *const deadlocked[] = {"main", "forward", "backward"};

static void open_deadlock(void)
{
	open_tasks(3, deadlocked);
	uint32_t a = scene_object(OBJECT_MUTEX), b = scene_object(OBJECT_MUTEX);
	scene_do(2, OP_MUTEX_LOCK, a, 0);
	scene_do(3, OP_MUTEX_LOCK, b, 0);
	scene_announce(2, OP_MUTEX_LOCK, b, 0);
	scene_announce(3, OP_MUTEX_LOCK, a, 0);
	scene_announce(1, OP_JOIN, scene_world()->tasks[2].object, 0);
}

static void test_waits_name_the_holders(void **state)
{
	(void)state;
	open_deadlock();
	assert_string_equal(look("waits", NULL, 1), "main waits: join forward, until forward has ended\n"
		"forward waits: mutex-lock mutex#2, held by backward\n"
		"backward waits: mutex-lock mutex#1, held by forward\n");
}

static void test_tasks_say_what_they_are_about_to_do(void **state)
{
	static const char *const names[] = {"main", "worker"};

	(void)state;
	open_tasks(2, names);
	uint32_t lock = scene_object(OBJECT_MUTEX);
	scene_do(1, OP_MUTEX_LOCK, lock, 0);
	scene_announce(2, OP_MUTEX_LOCK, lock, 0);
	control.debugger.paused = 0;
	assert_string_equal(look("tasks", NULL, 1),
		"* main             LWP 101      runs     has passed mutex-lock mutex#1; holds mutex#1\n"
		"  worker           LWP 102      waits    about to mutex-lock mutex#1\n");
	control.debugger.paused = 1;
	scene_world()->tasks[1].pending.op = OP_MUTEX_UNLOCK;
	assert_non_null(strstr(look("tasks", NULL, 1), "runs     about to mutex-unlock mutex#1; holds mutex#1\n"));
}

static void test_who_only_needs_the_mutex_again_waits_for_its_holder(void **state)
{
	static const char *const names[] = {"waiter", "other"};

	(void)state;
	open_tasks(2, names);
	uint32_t lock = scene_object(OBJECT_MUTEX), condition = scene_object(OBJECT_COND);
	struct request wake = {.op = OP_COND_WAKE, .object = condition, .second = lock};
	scene_request(1, wake);
	scene_do(2, OP_MUTEX_LOCK, lock, 0);
	assert_string_equal(look("waits", NULL, 1), "waiter waits: cond-wake cond#1, until somebody wakes it\n");
	scene_world()->tasks[1].flags |= TASK_WOKEN;
	assert_string_equal(look("waits", NULL, 1), "waiter waits: cond-wake cond#1, held by other\n");
}

static void test_nobody_waits(void **state)
{
	static const char *const names[] = {"main"};

	(void)state;
	open_tasks(1, names);
	assert_string_equal(look("waits", NULL, 1), "no task waits for another\n");
}

static void test_the_line_is_marked(void **state)
{
	struct schedule *schedule = schedule_new();

	(void)state;
	for (uint32_t i = 0; i < 60; i++)
		schedule_add(schedule, CHOICE_TASK, "main")->ended = true;
	look("schedule", schedule, 30);
	assert_non_null(strstr(text, "   (9 lines before)\n    10  run"));
	assert_non_null(strstr(text, "\n=>  30  run      main      until  exit\n    31  run"));
	assert_non_null(strstr(text, "   (10 lines behind)\n"));
	look("schedule", schedule, 61);
	assert_non_null(strstr(text, "    60  run      main      until  exit\n=> all lines have been met\n"));
	assert_null(strstr(text, "behind)"));
	schedule_close(schedule);
}

static void test_the_place(void **state)
{
	struct schedule *schedule = schedule_new();

	(void)state;
	schedule_add(schedule, CHOICE_TASK, "main")->ended = true;
	control.debugger = (struct debugger){.paused = 1, .begins = 1};
	assert_string_equal(look("place", schedule, 1), "before line 1 of 1:\nrun      main      until  exit\n");
	control.debugger.begins = 0;
	assert_string_equal(look("place", schedule, 1), "in line 1 of 1:\nrun      main      until  exit\n");
	assert_string_equal(look("place", schedule, 2), "behind the last of 1 lines\n");
	control.debugger.outcome = OUTCOME_DEADLOCK;
	assert_string_equal(look("place", schedule, 1),
		"the execution ends here: deadlock, no task was enabled and no timer pending\n");
	assert_int_equal(view_print("weather", &control, (struct follower_place){schedule, NULL, 1}, stderr), -1);
	schedule_close(schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_name_the_holders),
		cmocka_unit_test(test_tasks_say_what_they_are_about_to_do),
		cmocka_unit_test(test_who_only_needs_the_mutex_again_waits_for_its_holder),
		cmocka_unit_test(test_nobody_waits),
		cmocka_unit_test(test_the_line_is_marked),
		cmocka_unit_test(test_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
