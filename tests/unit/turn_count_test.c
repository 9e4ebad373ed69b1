/*
 * The turn: numbers of interleavings, worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "simulator.h"

#define CREATE(task_) \
	{ \
		.op = OP_CREATE, .object = task_ \
	}
#define LOCK(mutex_) \
	{ \
		.op = OP_MUTEX_LOCK, .object = mutex_ \
	}
#define UNLOCK(mutex_) \
	{ \
		.op = OP_MUTEX_UNLOCK, .object = mutex_ \
	}

static struct simulator *simulator;

static int open_simulator(void **state)
{
	(void)state;
	simulator = simulator_open();
	return 0;
}

static int close_simulator(void **state)
{
	(void)state;
	simulator_close(simulator);
	return 0;
}

static bool count_outcome(void *context, const struct simulator *from, enum outcome outcome)
{
	uint32_t *counts = context;
	(void)from;
	counts[outcome]++;
	return true;
}

static const struct simulator_object two_mutexes[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}};

static const struct simulator_op lock_main[] = {CREATE(2), LOCK(1), UNLOCK(1)};
static const struct simulator_op lock_worker[] = {LOCK(1), UNLOCK(1)};
static const struct simulator_task lock_tasks[] = {
	SIMULATOR_TASK("main", lock_main), SIMULATOR_TASK("worker", lock_worker)};
static const struct simulator_program lock_program = SIMULATOR_PROGRAM(lock_tasks, two_mutexes);

/*
 * After the creation main has L U X (exit) before it and the worker B (begin) L U X.
 * main's section first: L U l u x is the chain. b comes before l: 3 places, in 2 of which it is before U, too. X
 * comes after U: 4 places where b is before U, 5 where it is after: 2 * 4 + 5 = 13.
 * The worker's section first: b l u L U X is the chain, x comes after u: 4 places. 13 + 4 = 17.
 */
static void test_count_one_mutex(void **state)
{
	uint32_t counts[OUTCOME_COUNT] = {0};
	(void)state;
	assert_int_equal(simulator_enumerate(simulator, &lock_program, 1000, count_outcome, counts), 17);
	assert_int_equal(counts[OUTCOME_EXITED], 17);
}

static const struct simulator_op abba_main[] = {CREATE(2), LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op abba_worker[] = {LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2)};
static const struct simulator_task abba_tasks[] = {
	SIMULATOR_TASK("main", abba_main), SIMULATOR_TASK("worker", abba_worker)};
static const struct simulator_program abba_program = SIMULATOR_PROGRAM(abba_tasks, two_mutexes);

/*
 * main A B B' A' X, worker s b a a' b' x.
 * Each has its first lock: s b and A in any order, 3, and both are stuck.
 * main has both before b: b is between B' and A': s has 4 places, X has 5 among a a' b' x: 20. b after A': s before A'
 * 4 places, X 6 places: 24; s after A': X has 7: 7.
 * The worker has both before A: A between a' and b': x has 5 places among B B' A' X; A after b': 6.
 * 3 + 20 + 24 + 7 + 5 + 6 = 65.
 */
static void test_count_abba(void **state)
{
	uint32_t counts[OUTCOME_COUNT] = {0};
	(void)state;
	assert_int_equal(simulator_enumerate(simulator, &abba_program, 1000, count_outcome, counts), 65);
	assert_int_equal(counts[OUTCOME_DEADLOCK], 3);
	assert_int_equal(counts[OUTCOME_EXITED], 62);
}

static const struct simulator_op yield_main[] = {CREATE(2), {.op = OP_YIELD}, LOCK(1), UNLOCK(1)};
static const struct simulator_op yield_worker[] = {LOCK(2), UNLOCK(2)};
static const struct simulator_task yield_tasks[] = {
	SIMULATOR_TASK("main", yield_main), SIMULATOR_TASK("worker", yield_worker)};
static const struct simulator_program yield_program = SIMULATOR_PROGRAM(yield_tasks, two_mutexes);

/* One yield hides nothing: main's Y L U X and the worker's b l u x on another mutex, C(8,4) = 70. */
static void test_count_yield(void **state)
{
	(void)state;
	assert_int_equal(simulator_enumerate(simulator, &yield_program, 1000, NULL, NULL), 70);
}

static const struct simulator_op again_main[] = {CREATE(2), {.op = OP_YIELD}, {.op = OP_YIELD}};
static const struct simulator_op again_worker[] = {{.op = OP_EXTERNAL}};
static const struct simulator_op newborn_main[] = {{.op = OP_YIELD}, CREATE(2), {.op = OP_YIELD}};
static const struct simulator_task again_tasks[] = {
	SIMULATOR_TASK("main", again_main), SIMULATOR_TASK("worker", again_worker)};
static const struct simulator_task newborn_tasks[] = {
	SIMULATOR_TASK("main", newborn_main), SIMULATOR_TASK("worker", again_worker)};

/*
 * main Y Z X after the creation, the worker b e x: C(6,3) = 20. Having yielded again, main must let the worker make a
 * step, if it can and made none since Y. Lost are those where X follows Z directly, none of b e x stands between Y and
 * Z, and the worker has not ended: Y Z X are neighbours with 0, 1 or 2 of b e x before them, 3. 20 - 3 = 17.
 *
 * Born after the first yield: nothing is lost, main Z X, the worker b e x, C(5,2) = 10.
 */
static void test_count_second_yield(void **state)
{
	static const struct simulator_program again = SIMULATOR_PROGRAM(again_tasks, two_mutexes);
	static const struct simulator_program newborn = SIMULATOR_PROGRAM(newborn_tasks, two_mutexes);
	(void)state;
	assert_int_equal(simulator_enumerate(simulator, &again, 1000, NULL, NULL), 17);
	assert_int_equal(simulator_enumerate(simulator, &newborn, 1000, NULL, NULL), 10);
}

static const struct simulator_op timed_main[] = {
	CREATE(2), {.op = OP_SEM_TIMEDWAIT, .object = 1, .flags = REQUEST_TIMED, .timeout_ns = 1000}};
static const struct simulator_op timed_worker[] = {{.op = OP_SEM_POST, .object = 1}};
static const struct simulator_task timed_tasks[] = {
	SIMULATOR_TASK("main", timed_main), SIMULATOR_TASK("worker", timed_worker)};
static const struct simulator_object one_semaphore[] = {{.kind = OBJECT_SEM}};
static const struct simulator_program timed_program = SIMULATOR_PROGRAM(timed_tasks, one_semaphore);

static bool check_timed(void *context, const struct simulator *from, enum outcome outcome)
{
	uint32_t *ntimeouts = context;
	const struct world *world = simulator_world(from);
	assert_int_equal(outcome, OUTCOME_EXITED);
	/* A post that came too late is still there, and time has passed. */
	if (world->objects[3].count == 1) {
		++*ntimeouts;
		assert_int_equal(world->now_ns, 1000);
		assert_in_range(world->npreemptions, 1, 3);
	}
	return true;
}

/* main W X, worker b p x in any order, C(5,2) = 10; W before p, by time-out, where W is first or second: 4 + 3. */
static void test_count_timeouts(void **state)
{
	uint32_t ntimeouts = 0;
	(void)state;
	assert_int_equal(simulator_enumerate(simulator, &timed_program, 1000, check_timed, &ntimeouts), 10);
	assert_int_equal(ntimeouts, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count_one_mutex),
		cmocka_unit_test(test_count_abba),
		cmocka_unit_test(test_count_yield),
		cmocka_unit_test(test_count_second_yield),
		cmocka_unit_test(test_count_timeouts),
	};
	return cmocka_run_group_tests(tests, open_simulator, close_simulator);
}
