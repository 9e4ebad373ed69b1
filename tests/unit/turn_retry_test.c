/*
 * The turn: tasks that wait for what the kernel decides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/model/retry.h"
#include "shared/plan.h"
#include "shared/turn.h"

static const struct plan plan = {.chooser = CHOOSER_FIRST, .max_steps = 1000};
static struct decision decision;

/* The task has asked the kernel in vain and says so. */
static void block(uint32_t task, uint32_t channel, struct request more)
{
	more.op = OP_PIPE_READ;
	more.object = channel;
	retry_block(scene_world(), &more);
	scene_request(task, more);
}

static enum turn_verdict next(uint32_t current)
{
	struct world *world = scene_world();
	enum turn_verdict verdict = turn_next(world, &plan, NULL, current, &decision);
	world->nsteps += verdict == TURN_GO;
	return verdict;
}

/* Two tasks that wait for each other; a third one has gone before. */
static struct world *open_two(uint32_t *pipe)
{
	struct world *world = scene_open(3);
	turn_open(world, &plan);
	*pipe = scene_object(OBJECT_CHANNEL);
	return world;
}

/* Each asks once more before it is a deadlock, and in vain is no reason for others to ask again. */
static void test_deadlock_after_asking(void **state)
{
	uint32_t pipe;
	struct world *world = open_two(&pipe);
	(void)state;
	block(1, pipe, (struct request){0});
	block(2, pipe, (struct request){0});
	scene_announce(3, OP_YIELD, 0, 0);
	assert_int_equal(next(3), TURN_GO); /* does what no model sees */
	assert_int_equal(decision.task, 3);
	world->tasks[3].state = TASK_ENDED;
	assert_int_equal(next(0), TURN_GO);
	assert_int_equal(decision.nalternatives, 2);
	assert_int_equal(decision.cost, 0);
	uint32_t first = decision.task;
	block(first, pipe, (struct request){0});
	assert_int_equal(next(first), TURN_GO);
	assert_int_equal(decision.task, 3 - first);
	assert_int_equal(decision.nalternatives, 1);
	block(3 - first, pipe, (struct request){0});
	assert_int_equal(next(3 - first), TURN_DEADLOCK);
}

/* As long as somebody can go nobody asks again. */
static void test_enabled_come_first(void **state)
{
	uint32_t pipe;
	struct world *world = open_two(&pipe);
	(void)state;
	block(1, pipe, (struct request){0});
	scene_announce(2, OP_YIELD, 0, 0);
	scene_announce(3, OP_YIELD, 0, 0);
	assert_int_equal(next(3), TURN_GO);
	assert_true(retry_is_due(world, &world->tasks[1]) && !task_set_has(&decision.enabled, 1));
	world->objects[pipe].version++;
	assert_int_equal(next(3), TURN_GO);
	assert_true(task_set_has(&decision.enabled, 1));
}

/* They ask before time passes, and when it has passed they go by their time-out. */
static void test_time_comes_after(void **state)
{
	uint32_t pipe;
	struct world *world = open_two(&pipe);
	(void)state;
	world->tasks[2].state = TASK_ENDED;
	block(1, pipe, (struct request){.flags = REQUEST_TIMED, .deadline_ns = 5000});
	scene_announce(3, OP_YIELD, 0, 0);
	assert_int_equal(next(3), TURN_GO);
	world->tasks[3].state = TASK_ENDED;
	assert_int_equal(next(0), TURN_GO);
	assert_int_equal(world->now_ns, 0);
	assert_int_equal(decision.nalternatives, 1);
	assert_false(decision.timeout);
	block(1, pipe, (struct request){.flags = REQUEST_TIMED, .deadline_ns = 5000});
	assert_int_equal(next(1), TURN_GO);
	assert_int_equal(world->now_ns, 5000);
	assert_true(decision.timeout);
}

/* One that may be helped from outside sleeps in the kernel instead of being in a deadlock, one at a time. */
static void test_sleeps_for_the_outside(void **state)
{
	uint32_t pipe;
	struct world *world = open_two(&pipe);
	(void)state;
	world->tasks[3].state = TASK_ENDED;
	block(1, pipe, (struct request){.flags = REQUEST_OUTSIDE});
	block(2, pipe, (struct request){0});
	assert_int_equal(next(0), TURN_GO);
	assert_int_equal(decision.task, 1);
	assert_true(world->tasks[1].flags & TASK_SLEEPS);
	world->tasks[1].state = TASK_LAPSED;
	assert_int_equal(next(0), TURN_NOBODY);
	assert_false(world->tasks[2].flags & TASK_SLEEPS);
	world->tasks[1].flags |= TASK_STRANGER; /* nobody will see what it does */
	assert_int_equal(next(0), TURN_GO);
	assert_int_equal(decision.task, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadlock_after_asking),
		cmocka_unit_test(test_enabled_come_first),
		cmocka_unit_test(test_time_comes_after),
		cmocka_unit_test(test_sleeps_for_the_outside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
