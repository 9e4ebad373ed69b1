/*
 * Depth-first search: the numbers of executions worked out by hand, bounds, delays, honest endings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "expedition.h"

#define CREATE(task_) {.op = OP_CREATE, .object = task_}
#define JOIN(task_) {.op = OP_JOIN, .object = task_}
#define LOCK(mutex_) {.op = OP_MUTEX_LOCK, .object = mutex_}
#define UNLOCK(mutex_) {.op = OP_MUTEX_UNLOCK, .object = mutex_}

static const struct simulator_object mutexes[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}};

static const struct simulator_op lock_main[] = {CREATE(2), LOCK(1), UNLOCK(1)};
static const struct simulator_op lock_worker[] = {LOCK(1), UNLOCK(1)};
static const struct simulator_task lock_tasks[] = {
	SIMULATOR_TASK("main", lock_main), SIMULATOR_TASK("worker", lock_worker)};
static const struct simulator_program lock_program = SIMULATOR_PROGRAM(lock_tasks, mutexes);

static const struct simulator_op abba_main[] = {CREATE(2), LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op abba_worker[] = {LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2)};
static const struct simulator_task abba_tasks[] = {
	SIMULATOR_TASK("main", abba_main), SIMULATOR_TASK("worker", abba_worker)};
static const struct simulator_program abba_program = SIMULATOR_PROGRAM(abba_tasks, mutexes);

static struct expedition search_with(const struct simulator_program *program, int bound)
{
	return (struct expedition){.strategy = &strategy_dfs, .options = {.seed = 1, .bound = bound}, .program = program,
		.max = 100000};
}

static void assert_all(const struct expedition *search, uint32_t executions)
{
	assert_true(search->done);
	assert_int_equal(search->executions, executions);
	assert_int_equal(search->distinct, executions);
	assert_true(search->exhaustion.exhausted);
	assert_int_equal(search->exhaustion.bound, BOUND_NONE);
	assert_true(search->exhaustion.fraction_left == 0);
	assert_string_equal(search->exhaustion.what, "sync points");
}

/*
 * After the creation main has L U X (exit) before it and the worker B (begin) L U X.
 * main's section first: L U l u x is the chain. b comes before l: 3 places, in 2 of which it is before U, too. X
 * comes after U: 4 places where b is before U, 5 where it is after: 2 * 4 + 5 = 13.
 * The worker's section first: b l u L U X is the chain, x comes after u: 4 places. 13 + 4 = 17.
 */
static void test_one_mutex(void **state)
{
	struct expedition search = search_with(&lock_program, BOUND_NONE);
	(void)state;
	expedition_run(&search);
	assert_all(&search, 17);
	assert_int_equal(search.outcomes[OUTCOME_EXITED], 17);
}

/*
 * main A B B' A' X, worker s b a a' b' x.
 * Each has its first lock: s b and A in any order, 3, and both are stuck. main has both before b: b between B' and A':
 * s has 4 places, X has 5: 20; b after A': 24 where s is before A', else 7. The worker has both before A: 5 + 6.
 */
static void test_abba(void **state)
{
	struct expedition search = search_with(&abba_program, BOUND_NONE);
	(void)state;
	expedition_run(&search);
	assert_all(&search, 65);
	assert_int_equal(search.outcomes[OUTCOME_DEADLOCK], 3);
	assert_int_equal(search.outcomes[OUTCOME_EXITED], 62);
}

/* Deepening meets each interleaving once, too, at the bound that it costs. */
static void test_bounds_add_up(void **state)
{
	uint32_t before = 0;
	(void)state;
	for (int bound = 0; bound < 10; bound++) {
		struct expedition search = search_with(&abba_program, bound);
		expedition_run(&search);
		assert_true(search.done);
		assert_int_equal(search.distinct, search.executions);
		assert_true(search.executions >= before);
		assert_true(search.max_cost <= (uint32_t)bound);
		assert_true(search.exhaustion.exhausted);
		if (search.executions < 65) {
			assert_int_equal(search.exhaustion.bound, bound);
			assert_true(search.exhaustion.fraction_left < 1e-9);
		} else {
			assert_int_equal(search.exhaustion.bound, BOUND_NONE);
		}
		before = search.executions;
	}
	assert_int_equal(before, 65);
}

/*
 * Bound 0 on one mutex: main L U X worker; nothing but the first task to run is free after main's end: 1.
 * Bound 1, one preemption: main is preempted before L (the worker runs to its end, or is stopped nowhere), before U
 * (the worker begins and blocks on the lock; back to main, which then is not preempted), before X. 3 more.
 */
static void test_bound_by_hand(void **state)
{
	struct expedition none = search_with(&lock_program, 0), one = search_with(&lock_program, 1);
	(void)state;
	expedition_run(&none);
	assert_int_equal(none.executions, 1);
	assert_int_equal(none.exhaustion.bound, 0);
	expedition_run(&one);
	assert_int_equal(one.executions, 4);
	assert_int_equal(one.exhaustion.bound, 1);
	assert_int_equal(one.max_cost, 1);
}

static bool costs_rise(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	uint32_t *last = context, cost = 0;
	(void)draft;
	for (uint32_t i = 0; i < trace->nsteps; i++)
		cost += trace->steps[i].cost;
	assert_true(cost >= *last);
	*last = cost;
	return true;
}

/* The costs that the search reckons with are the ones that the turn has counted. */
static void test_cheap_first(void **state)
{
	uint32_t last = 0;
	struct expedition search = search_with(&abba_program, 5);
	(void)state;
	search.visit = costs_rise;
	search.context = &last;
	expedition_run(&search);
	assert_int_equal(last, 5);
}

static void test_deadlock_within_one_preemption(void **state)
{
	struct expedition search = search_with(&abba_program, BOUND_DEFAULT);
	(void)state;
	expedition_run(&search);
	assert_in_range(search.first[OUTCOME_DEADLOCK], 2, 8);
	assert_int_equal(search.exhaustion.bound, 2);
}

static void test_pipelined(void **state)
{
	(void)state;
	for (uint32_t in_flight = 2; in_flight <= 8; in_flight++) {
		struct expedition plain = search_with(&abba_program, BOUND_NONE), bounded = search_with(&abba_program, 9);
		plain.in_flight = bounded.in_flight = in_flight;
		expedition_run(&plain);
		assert_all(&plain, 65);
		expedition_run(&bounded);
		assert_all(&bounded, 65);
	}
}

static const struct simulator_op timed_main[] = {CREATE(2),
	{.op = OP_SEM_TIMEDWAIT, .object = 1, .flags = REQUEST_TIMED, .timeout_ns = 1000}};
static const struct simulator_op timed_worker[] = {{.op = OP_SEM_POST, .object = 1}};
static const struct simulator_task timed_tasks[] = {
	SIMULATOR_TASK("main", timed_main), SIMULATOR_TASK("worker", timed_worker)};
static const struct simulator_object one_semaphore[] = {{.kind = OBJECT_SEM}};
static const struct simulator_program timed_program = SIMULATOR_PROGRAM(timed_tasks, one_semaphore);

/* main W X, worker b p x. In time: W between p and x with X in 2 places, or after x: 3. W by its time-out, T: before b,
 * then b p x with X in 4 places; after b, X in 3 places: 7. */
static void test_timeouts(void **state)
{
	struct expedition all = search_with(&timed_program, BOUND_NONE), free = search_with(&timed_program, 0);
	(void)state;
	expedition_run(&all);
	assert_all(&all, 10);
	expedition_run(&free);
	assert_int_equal(free.max_cost, 0);
	assert_true(free.executions < 10);
}

static const struct simulator_op wake_main[] = {CREATE(2), CREATE(3), {.op = OP_COND_SIGNAL, .object = 2}};
static const struct simulator_op wake_waiter[] = {LOCK(1), {.op = OP_COND_WAIT, .object = 2, .second = 1}, UNLOCK(1)};
static const struct simulator_task wake_tasks[] = {SIMULATOR_TASK("main", wake_main),
	SIMULATOR_TASK("waiter", wake_waiter), SIMULATOR_TASK("waiter", wake_waiter)};
static const struct simulator_object cond_objects[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_COND}};
static const struct simulator_program wake_program = SIMULATOR_PROGRAM(wake_tasks, cond_objects);

static bool note_taken(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	uint32_t *taken = context;
	(void)draft;
	for (uint32_t i = 0; i < trace->nvalue_choices; i++)
		*taken |= 1u << trace->value_choices[i].taken;
	return true;
}

/* Whom a signal wakes is explored like who runs. Nobody wakes the other waiter: all end in deadlock. */
static void test_values(void **state)
{
	uint32_t taken = 0;
	struct simulator *simulator = simulator_open();
	struct expedition search = search_with(&wake_program, BOUND_NONE);
	(void)state;
	uint32_t expected = simulator_enumerate(simulator, &wake_program, 100000, NULL, NULL);
	simulator_close(simulator);
	search.visit = note_taken;
	search.context = &taken;
	expedition_run(&search);
	assert_all(&search, expected);
	assert_int_equal(search.outcomes[OUTCOME_DEADLOCK], expected);
	assert_int_equal(taken, 1u << 0 | 1u << 1);
}

static const struct simulator_op spin_main[] = {CREATE(2), {.op = OP_SEM_TRYWAIT, .object = 1, .on_failure = -1}};
static const struct simulator_program spin_program = {.tasks = (const struct simulator_task[]){
	SIMULATOR_TASK("main", spin_main), SIMULATOR_TASK("worker", timed_worker)}, .ntasks = 2,
	.objects = one_semaphore, .nobjects = 1};

/* A loop that may go round for ever: cut, and no claim is made. */
static void test_endless_is_not_exhausted(void **state)
{
	struct expedition search = search_with(&spin_program, BOUND_NONE);
	(void)state;
	search.max = 200;
	expedition_run(&search);
	assert_int_equal(search.executions, 200);
	assert_false(search.exhaustion.exhausted);
}

static int64_t whims;

/* Behaves differently each time: the worker's lock sometimes fails. */
static int64_t whimsical(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	(void)context;
	return task == 2 && op->op == OP_MUTEX_LOCK && op->object == 1 ? whims++ % 2 : result;
}

static const struct simulator_op whim_worker[] = {{.op = OP_MUTEX_LOCK, .object = 1, .on_failure = 1}, UNLOCK(1), LOCK(2),
	UNLOCK(2)};
static const struct simulator_task whim_tasks[] = {
	SIMULATOR_TASK("main", abba_main), SIMULATOR_TASK("worker", whim_worker)};

static void test_nondeterminism_is_noticed(void **state)
{
	struct simulator_program program = SIMULATOR_PROGRAM(whim_tasks, mutexes);
	struct expedition search = search_with(&program, BOUND_NONE);
	(void)state;
	program.performed = whimsical;
	search.max = 2000;
	expedition_run(&search);
	assert_false(search.exhaustion.exhausted);
}

static const struct simulator_op three_main[] = {CREATE(2), CREATE(3), JOIN(2), JOIN(3)};
static const struct simulator_task three_tasks[] = {SIMULATOR_TASK("main", three_main),
	SIMULATOR_TASK("worker", lock_worker), SIMULATOR_TASK("worker", lock_worker)};
static const struct simulator_program three_program = SIMULATOR_PROGRAM(three_tasks, mutexes);

/* Delay bounding: with none there is one execution however many tasks; preemption bounding knows more. */
static void test_delays(void **state)
{
	uint32_t before = 0;
	struct expedition all = search_with(&three_program, BOUND_NONE), free = search_with(&three_program, 0);
	(void)state;
	expedition_run(&all);
	expedition_run(&free);
	assert_true(free.executions > 1);
	for (int bound = 0; bound < 4; bound++) {
		struct expedition search = search_with(&three_program, bound);
		search.options.delays = true;
		expedition_run(&search);
		assert_int_equal(search.executions, search.distinct);
		assert_true(search.executions > before);
		assert_true(search.executions < all.executions);
		assert_int_equal(search.exhaustion.bound, bound);
		before = search.executions;
		if (bound == 0)
			assert_int_equal(search.executions, 1);
	}
}

/* Where executions are counted as they come, what is left shrinks to nothing. */
static void test_estimate(void **state)
{
	double before = 1;
	(void)state;
	for (uint32_t max = 1; max <= 65; max++) {
		struct expedition search = search_with(&abba_program, BOUND_NONE);
		search.max = max;
		expedition_run(&search);
		assert_true(search.exhaustion.fraction_left < before);
		assert_true(search.exhaustion.fraction_left >= 0);
		before = search.exhaustion.fraction_left;
	}
	assert_true(before == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_mutex),
		cmocka_unit_test(test_abba),
		cmocka_unit_test(test_bounds_add_up),
		cmocka_unit_test(test_bound_by_hand),
		cmocka_unit_test(test_cheap_first),
		cmocka_unit_test(test_deadlock_within_one_preemption),
		cmocka_unit_test(test_pipelined),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_endless_is_not_exhausted),
		cmocka_unit_test(test_nondeterminism_is_noticed),
		cmocka_unit_test(test_delays),
		cmocka_unit_test(test_estimate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
