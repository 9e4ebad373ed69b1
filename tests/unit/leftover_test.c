/*
 * Processes that outlive the main one, and the death of processes that did not say so.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/death.h"
#include "shared/leftover.h"

/* Task 2 is alone in a second process. */
static struct world *open_two(void)
{
	struct world *world = scene_open(2);

	world->tasks[2].process = (uint16_t)scene_process(1);
	return world;
}

static void test_while_main_lives(void **state)
{
	(void)state;
	struct world *world = open_two();
	world->nsteps = 1000000;
	world->now_ns = UINT64_MAX / 2;
	assert_false(leftover_is_over(world));
	assert_false(leftover_is_idle(world));
}

static void test_steps_and_time(void **state)
{
	(void)state;
	struct world *world = open_two();
	world->nsteps = 500;
	world->now_ns = 7000000000;
	death_of_process(world, 1, 0);
	assert_false(leftover_is_over(world));
	world->nsteps += 20000;
	assert_false(leftover_is_over(world));
	world->nsteps++;
	assert_true(leftover_is_over(world));
	world->nsteps = 500;
	world->now_ns += 60000000000;
	assert_false(leftover_is_over(world));
	world->now_ns++;
	assert_true(leftover_is_over(world));
}

/* The first step of all is the end of the main process. */
static void test_main_ends_at_once(void **state)
{
	(void)state;
	struct world *world = open_two();
	death_of_process(world, 1, 0);
	assert_false(leftover_is_over(world));
	assert_true(leftover_is_idle(world));
}

static void test_waits_for_lock(void **state)
{
	(void)state;
	struct world *world = open_two();
	uint32_t mutex = scene_object(OBJECT_MUTEX);
	death_of_process(world, 1, 0);
	scene_announce(2, OP_SIGNAL_WAIT, world->tasks[2].object, 0);
	assert_true(leftover_is_idle(world));
	scene_announce(2, OP_MUTEX_LOCK, mutex, 0);
	assert_false(leftover_is_idle(world));
}

static void test_death_of_process(void **state)
{
	(void)state;
	struct world *world = open_two();
	uint32_t mutex = scene_object(OBJECT_MUTEX);
	world->objects[mutex].flags = OBJECT_ROBUST | OBJECT_SHARED;
	world->processes[1].handled = 1ULL << (SIGCHLD - 1);
	scene_do(2, OP_MUTEX_LOCK, mutex, 0);
	assert_false(scene_try(1, OP_MUTEX_LOCK, mutex, 0));
	death_of_process(world, world->tasks[2].process, SIGKILL);
	assert_int_equal(world->tasks[2].state, TASK_ENDED);
	assert_int_equal(world->processes[2].state, PROCESS_ZOMBIE);
	assert_int_equal(world->processes[2].status, SIGKILL);
	assert_int_equal(world->processes[2].ntasks, 0);
	assert_true(scene_enabled(1));
	assert_true(world->tasks[1].signals & 1ULL << (SIGCHLD - 1));
}

static void test_death_happens_once(void **state)
{
	(void)state;
	struct world *world = open_two();
	world->tasks[2].state = TASK_ENDED;
	world->tasks[2].nholds = 1;
	death_of_task(world, &world->tasks[2]);
	assert_int_equal(world->tasks[2].nholds, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_while_main_lives),
		cmocka_unit_test(test_steps_and_time),
		cmocka_unit_test(test_main_ends_at_once),
		cmocka_unit_test(test_waits_for_lock),
		cmocka_unit_test(test_death_of_process),
		cmocka_unit_test(test_death_happens_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
