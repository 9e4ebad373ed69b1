/*
 * The turn: handlers of signals in tasks that wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/model/model.h"
#include "shared/plan.h"
#include "shared/suspension.h"
#include "shared/turn.h"

static const struct plan plan = {.chooser = CHOOSER_FIRST, .max_steps = 1000};
static struct decision decision;

static enum turn_verdict next(uint32_t current)
{
	struct world *world = scene_world();
	enum turn_verdict verdict = turn_next(world, &plan, NULL, current, &decision);
	world->nsteps += verdict == TURN_GO;
	return verdict;
}

/* Task 1 waits for a mutex that task 2 holds, and task 2 for task 1. */
static struct world *open_circle(uint32_t ntasks, struct request more)
{
	struct world *world = scene_open(ntasks);
	uint32_t mutex = scene_object(OBJECT_MUTEX);
	turn_open(world, &plan);
	scene_do(2, OP_MUTEX_LOCK, mutex, 0);
	more.op = more.op ? more.op : OP_MUTEX_LOCK;
	more.object = mutex;
	for (uint32_t id = 1; id <= ntasks; id++)
		if (id != 2)
			scene_request(id, more);
	scene_announce(2, OP_JOIN, world->tasks[1].object, 0);
	return world;
}

static void go_on(struct task *task)
{
	struct suspension wait = task->suspended;
	suspension_end(task, &wait);
	world_announce(scene_world(), task, &wait.request);
	suspension_resume(task, &wait);
}

/* Many tasks, too, of whom the model is asked once. */
static void test_deadlock_without(void **state)
{
	(void)state;
	for (uint32_t ntasks = 2; ntasks <= 20; ntasks += 18) {
		struct world *world = open_circle(ntasks, (struct request){0});
		struct task *task = &world->tasks[ntasks == 2 ? 1 : ntasks];
		assert_int_equal(next(2), TURN_DEADLOCK);
		task->signals = 1;
		task->signal_mask = 1;
		assert_int_equal(next(2), TURN_DEADLOCK);
		task->signal_mask = 2;
		assert_int_equal(next(2), TURN_GO);
		assert_int_equal(decision.task, task->id);
		assert_int_equal(task->pending.op, OP_SIGNAL_DELIVER);
		assert_int_equal(world->nsuspended, 1);
		task->signals = 0;
		go_on(task);
		assert_int_equal(task->pending.op, OP_MUTEX_LOCK);
		assert_int_equal(next(2), TURN_DEADLOCK);
	}
}

/* What a signal ends, and what blocks it by itself, is no such wait. */
static void test_others(void **state)
{
	(void)state;
	struct world *world = open_circle(2, (struct request){.flags = REQUEST_INTERRUPT});
	world->tasks[1].signals = 1;
	assert_int_equal(next(2), TURN_GO);
	assert_int_equal(world->tasks[1].pending.op, OP_MUTEX_LOCK);
	world = open_circle(2, (struct request){.flags = REQUEST_MASKED});
	world->tasks[1].signals = 1;
	assert_int_equal(next(2), TURN_DEADLOCK);
}

/* The wait goes on until the same time. */
static void test_deadline(void **state)
{
	struct request timed = {.op = OP_MUTEX_TIMEDLOCK, .flags = REQUEST_TIMED, .deadline_ns = 1000};
	struct world *world = open_circle(2, timed);
	(void)state;
	world->tasks[1].signals = 1;
	assert_int_equal(next(2), TURN_GO);
	assert_int_equal(world->now_ns, 0);
	world->tasks[1].signals = 0;
	go_on(&world->tasks[1]);
	assert_int_equal(next(2), TURN_GO);
	assert_int_equal(world->now_ns, 1000);
	assert_true(decision.timeout);
}

/* Two wait at a condition, and a handler runs in the first. */
static struct task *open_condition(uint32_t *cond)
{
	struct world *world = scene_open(3);
	uint32_t mutex = scene_object(OBJECT_MUTEX);
	turn_open(world, &plan);
	*cond = scene_object(OBJECT_COND);
	for (uint32_t id = 1; id <= 2; id++) {
		scene_do(id, OP_MUTEX_LOCK, mutex, 0);
		scene_request(id, (struct request){.op = OP_COND_WAIT, .object = *cond, .second = mutex});
		scene_go(id);
		scene_request(id, (struct request){.op = OP_COND_WAKE, .object = *cond, .second = mutex});
	}
	world->tasks[1].signals = 1;
	assert_true(suspension_begin(world, &world->tasks[1]));
	world->tasks[1].signals = 0;
	return &world->tasks[1];
}

/* It is still the first one. */
static void test_place(void **state)
{
	uint32_t cond;
	struct task *task = open_condition(&cond);
	(void)state;
	assert_int_equal(world_waiters(scene_world(), cond, OP_COND_WAKE), 2);
	assert_int_equal(world_waiter(scene_world(), cond, OP_COND_WAKE, 0), 1);
	scene_do(3, OP_COND_SIGNAL, cond, 0);
	assert_int_equal(world_waiter(scene_world(), cond, OP_COND_WAKE, 0), 2);
	assert_int_equal(scene_world()->objects[cond].count, 1);
	assert_false(task->flags & TASK_WOKEN);
	go_on(task);
	assert_true(scene_enabled(1));
	assert_int_equal(scene_go(1), 0);
	assert_false(scene_enabled(2));
}

/* It waits no more. */
static void test_death(void **state)
{
	uint32_t cond;
	struct task *task = open_condition(&cond);
	(void)state;
	model_task_died(scene_world(), task);
	task->state = TASK_ENDED;
	assert_int_equal(scene_world()->objects[cond].count, 1);
	assert_int_equal(world_waiter(scene_world(), cond, OP_COND_WAKE, 0), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadlock_without),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_death),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
