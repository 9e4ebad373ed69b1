/*
 * Happens-before: what orders the steps of a trace, in each of the modes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "explorer/hb.h"
#include "expedition.h"

#define CREATE(task_) {.op = OP_CREATE, .object = task_}
#define JOIN(task_) {.op = OP_JOIN, .object = task_}
#define LOCK(mutex_) {.op = OP_MUTEX_LOCK, .object = mutex_}
#define UNLOCK(mutex_) {.op = OP_MUTEX_UNLOCK, .object = mutex_}

static const struct simulator_object objects[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_SEM}, {.kind = OBJECT_COND},
	{.kind = OBJECT_DATABASE}};

/* Runs main and its children one after another. */
static struct trace *run(const struct simulator_task *tasks, uint32_t ntasks)
{
	struct simulator_program program = {.tasks = tasks, .ntasks = ntasks, .objects = objects, .nobjects = 4};
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	return expedition_trace(&program, &plan, NULL);
}

/* The nth step of a task with this operation. */
static uint32_t step_of(const struct trace *trace, uint16_t task, uint16_t op, uint32_t nth)
{
	for (uint32_t i = 0; i < trace->nsteps; i++)
		if (trace->steps[i].task == task && trace_step_announce(trace, i)->request.op == op && nth-- == 0)
			return i;
	fail_msg("task %u has no such %s", task, op_info(op)->text);
	return 0;
}

static bool before(const struct trace *trace, enum hb_mode mode, uint32_t left, uint32_t right)
{
	struct hb *hb = hb_open(trace, mode, trace->nsteps);
	assert_non_null(hb);
	bool is_before = hb_before(hb, left, right);
	assert_false(hb_before(hb, right, left));
	assert_int_equal(hb_is_concurrent(hb, left, right), !is_before);
	hb_close(hb);
	return is_before;
}

static const struct simulator_op family[] = {CREATE(2), CREATE(3), JOIN(2), {.op = OP_SEM_GETVALUE, .object = 2}};
static const struct simulator_op touch[] = {LOCK(1), UNLOCK(1), {.op = OP_SQLITE_STEP, .object = 4}};
static const struct simulator_task family_tasks[] = {
	SIMULATOR_TASK("main", family), SIMULATOR_TASK("one", touch), SIMULATOR_TASK("two", touch)};

static void test_creation_and_join(void **state)
{
	struct trace *trace = run(family_tasks, 3);
	uint32_t created = step_of(trace, 1, OP_CREATE, 0), later = step_of(trace, 1, OP_CREATE, 1);
	uint32_t one = step_of(trace, 2, OP_MUTEX_LOCK, 0), after = step_of(trace, 1, OP_SEM_GETVALUE, 0);
	(void)state;
	assert_true(before(trace, HB_TASKS, created, one));
	assert_false(before(trace, HB_TASKS, later, one)); /* created before the other was */
	assert_true(before(trace, HB_TASKS, later, step_of(trace, 3, OP_BEGIN, 0)));
	assert_true(before(trace, HB_TASKS, one, after));
	assert_true(before(trace, HB_TASKS, created, after)); /* one task's own steps */
	assert_false(before(trace, HB_TASKS, step_of(trace, 3, OP_EXIT, 0) > after ? after : one,
		step_of(trace, 3, OP_EXIT, 0)));
	trace_close(trace);
}

static void test_modes(void **state)
{
	struct trace *trace = run(family_tasks, 3);
	uint32_t unlocked = step_of(trace, 2, OP_MUTEX_UNLOCK, 0), locked = step_of(trace, 3, OP_MUTEX_LOCK, 0);
	uint32_t one = step_of(trace, 2, OP_SQLITE_STEP, 0), two = step_of(trace, 3, OP_SQLITE_STEP, 0);
	(void)state;
	assert_true(one < two && unlocked < locked);
	assert_false(before(trace, HB_TASKS, unlocked, locked));
	assert_true(before(trace, HB_SYNC, unlocked, locked));
	assert_true(before(trace, HB_ALL, unlocked, locked));
	assert_false(before(trace, HB_TASKS, one, two));
	assert_false(before(trace, HB_SYNC, one, two)); /* the lock was given back before the statement */
	assert_true(before(trace, HB_ALL, one, two));
	trace_close(trace);
}

static const struct simulator_op poster[] = {{.op = OP_YIELD}, {.op = OP_SEM_POST, .object = 2}};
static const struct simulator_op taker[] = {{.op = OP_SEM_TRYWAIT, .object = 2}, {.op = OP_YIELD},
	{.op = OP_SEM_WAIT, .object = 2}};
static const struct simulator_op both[] = {CREATE(2), CREATE(3)};
static const struct simulator_task sem_tasks[] = {
	SIMULATOR_TASK("main", both), SIMULATOR_TASK("taker", taker), SIMULATOR_TASK("poster", poster)};

/* What could not be taken orders nothing, what was taken does. */
static void test_failure_orders_nothing(void **state)
{
	struct trace *trace = run(sem_tasks, 3);
	uint32_t post = step_of(trace, 3, OP_SEM_POST, 0), failed = step_of(trace, 2, OP_SEM_TRYWAIT, 0);
	uint32_t took = step_of(trace, 2, OP_SEM_WAIT, 0);
	(void)state;
	assert_true(failed < post && post < took);
	assert_true(before(trace, HB_SYNC, post, took));
	assert_false(before(trace, HB_SYNC, failed, post));
	trace_close(trace);
}

static const struct simulator_op waits[] = {LOCK(1), {.op = OP_COND_WAIT, .object = 3, .second = 1}, UNLOCK(1)};
static const struct simulator_op signals[] = {LOCK(1), {.op = OP_COND_SIGNAL, .object = 3}, UNLOCK(1)};
static const struct simulator_task cond_tasks[] = {
	SIMULATOR_TASK("main", both), SIMULATOR_TASK("waiter", waits), SIMULATOR_TASK("signaller", signals)};

static void test_cond(void **state)
{
	struct trace *trace = run(cond_tasks, 3);
	uint32_t wait = step_of(trace, 2, OP_COND_WAIT, 0), signal = step_of(trace, 3, OP_COND_SIGNAL, 0);
	(void)state;
	assert_true(before(trace, HB_SYNC, wait, step_of(trace, 3, OP_MUTEX_LOCK, 0))); /* the wait gave the mutex back */
	assert_true(before(trace, HB_SYNC, signal, step_of(trace, 2, OP_COND_WAKE, 0)));
	assert_false(before(trace, HB_TASKS, signal, step_of(trace, 2, OP_COND_WAKE, 0)));
	trace_close(trace);
}

/* Only a beginning may be looked at. */
static void test_beginning(void **state)
{
	struct trace *trace = run(family_tasks, 3);
	struct hb *hb = hb_open(trace, HB_ALL, 2);
	(void)state;
	assert_non_null(hb);
	assert_true(hb_before(hb, 0, 1));
	assert_false(hb_before(hb, 1, 1));
	hb_close(hb);
	hb_close(NULL);
	trace_close(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_creation_and_join),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_failure_orders_nothing),
		cmocka_unit_test(test_cond),
		cmocka_unit_test(test_beginning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
