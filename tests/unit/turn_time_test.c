/*
 * The turn: time and fairness.
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

static const struct simulator_object two_mutexes[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}};

static const struct simulator_object mutex_and_cond[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_COND}};

static const struct simulator_op yield_main[] = {CREATE(2), {.op = OP_YIELD}, LOCK(1), UNLOCK(1)};
static const struct simulator_op yield_worker[] = {LOCK(2), UNLOCK(2)};
static const struct simulator_task yield_tasks[] = {
	SIMULATOR_TASK("main", yield_main), SIMULATOR_TASK("worker", yield_worker)};
static const struct simulator_program yield_program = SIMULATOR_PROGRAM(yield_tasks, two_mutexes);

/* The switch that a yield asks for costs nothing, and without preemption it is made. */
static void test_yield_switches(void **state)
{
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	const struct world *world = simulator_world(simulator);
	(void)state;
	assert_int_equal(simulator_run(simulator, &yield_program, &plan, NULL), OUTCOME_EXITED);
	assert_int_equal(simulator_result(simulator)->npreemptions, 0);
	assert_true(world->tasks[2].last_step < world->tasks[1].last_step);
}

#define SLEEP(ns) \
	{ \
		.op = OP_SLEEP, .flags = REQUEST_TIMED | REQUEST_HOLD, .timeout_ns = ns \
	}

static const struct simulator_op sleep_main[] = {CREATE(2), SLEEP(500), LOCK(1)};
static const struct simulator_op sleep_worker[] = {SLEEP(200), LOCK(1), UNLOCK(1), SLEEP(200), LOCK(2)};
static const struct simulator_task sleep_tasks[] = {
	SIMULATOR_TASK("main", sleep_main), SIMULATOR_TASK("worker", sleep_worker)};
static const struct simulator_program sleep_program = SIMULATOR_PROGRAM(sleep_tasks, two_mutexes);

/* Nobody can go: the clock jumps to the one who wakes first. */
static void test_clock_jumps(void **state)
{
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	(void)state;
	assert_int_equal(simulator_run(simulator, &sleep_program, &plan, NULL), OUTCOME_EXITED);
	assert_int_equal(simulator_result(simulator)->virtual_ns, 500);
	assert_int_equal(simulator_result(simulator)->npreemptions, 0);
	/* the worker was first at both mutexes, and died with the second */
	assert_int_equal(simulator_world(simulator)->objects[3].owner, 1);
}

static const struct simulator_op expired_main[] = {CREATE(2), SLEEP(100), LOCK(1), SLEEP(1000), UNLOCK(1)};
static const struct simulator_op expired_worker[] = {LOCK(1),
	{.op = OP_COND_TIMEDWAIT, .object = 2, .second = 1, .flags = REQUEST_TIMED, .timeout_ns = 300}, UNLOCK(1)};
static const struct simulator_task expired_tasks[] = {
	SIMULATOR_TASK("main", expired_main), SIMULATOR_TASK("worker", expired_worker)};
static const struct simulator_program expired_program = SIMULATOR_PROGRAM(expired_tasks, mutex_and_cond);

/* The wait has timed out at 300 but its mutex is held until 1100. */
static void test_expired_wait_needs_its_mutex(void **state)
{
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	(void)state;
	assert_int_equal(simulator_run(simulator, &expired_program, &plan, NULL), OUTCOME_EXITED);
	assert_int_equal(simulator_result(simulator)->virtual_ns, 1100);
}

/* A wait that would have to stay blocked for its mutex can't go by its time-out. */
static bool check_offered(void *context, const struct world *world, const struct decision *decision, uint16_t kind,
	uint32_t n, uint32_t *answer, bool *timeout)
{
	uint32_t *noffered = context;
	(void)kind;
	(void)n;
	if (task_set_has(&decision->timed, 2) && world->tasks[2].pending.op == OP_COND_WAKE) {
		assert_int_equal(world->objects[world->tasks[2].pending.second].owner, 0);
		++*noffered;
	}
	*answer = decision->task;
	*timeout = decision->timeout;
	return true;
}

static void test_time_out_is_offered_with_the_mutex(void **state)
{
	uint32_t noffered = 0;
	struct simulator_program program = expired_program;
	struct plan plan = simulator_plan(CHOOSER_RANDOM, 1);
	(void)state;
	program.ask = check_offered;
	program.ask_context = &noffered;
	plan.flags = PLAN_ASK;
	for (plan.seed = 1; plan.seed < 50; plan.seed++)
		assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_EXITED);
	assert_in_range(noffered, 20, 500);
}

/* A flag that one polls and the other sets: the program's own memory. */
static int64_t poll_flag(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	uint32_t *flag = context;
	if (op->op == OP_EXTERNAL && task == 2)
		*flag = 1;
	if (op->op == OP_EXTERNAL && task == 1)
		return !*flag;
	return result;
}

static const struct simulator_op spin_main[] = {CREATE(2), {.op = OP_YIELD}, {.op = OP_EXTERNAL, .on_failure = -2}};
static const struct simulator_op spin_worker[] = {LOCK(1), UNLOCK(1), SLEEP(5000), {.op = OP_EXTERNAL}};
static const struct simulator_task spin_tasks[] = {
	SIMULATOR_TASK("main", spin_main), SIMULATOR_TASK("worker", spin_worker)};

/* Who polls with yields starves nobody, not even a sleeper, under any chooser. */
static void test_yield_is_fair(void **state)
{
	(void)state;
	for (uint16_t chooser = 0; chooser < CHOOSER_COUNT; chooser++) {
		uint32_t flag = 0;
		struct simulator_program program = SIMULATOR_PROGRAM(spin_tasks, two_mutexes);
		struct plan plan = simulator_plan(chooser, 5);
		program.performed = poll_flag;
		program.context = &flag;
		assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_EXITED);
		assert_in_range(simulator_result(simulator)->nsteps, 0, 100);
	}
}

static const struct simulator_op try_main[] = {
	CREATE(2), {.op = OP_YIELD}, {.op = OP_MUTEX_TRYLOCK, .object = 1, .on_failure = -2}, UNLOCK(1)};
static const struct simulator_op try_worker[] = {LOCK(1), SLEEP(5000), UNLOCK(1)};
static const struct simulator_task try_tasks[] = {
	SIMULATOR_TASK("main", try_main), SIMULATOR_TASK("worker", try_worker)};
static const struct simulator_program try_program = SIMULATOR_PROGRAM(try_tasks, two_mutexes);

/* The lock that is polled for is held by a sleeper. */
static void test_polling_lets_time_pass(void **state)
{
	(void)state;
	for (uint16_t chooser = 0; chooser < CHOOSER_COUNT; chooser++) {
		struct plan plan = simulator_plan(chooser, 3);
		assert_int_equal(simulator_run(simulator, &try_program, &plan, NULL), OUTCOME_EXITED);
		assert_in_range(simulator_result(simulator)->nsteps, 0, 100);
	}
}

static const struct simulator_object one_semaphore[] = {{.kind = OBJECT_SEM}};
static const struct simulator_op patient_worker[] = {
	{.op = OP_SEM_TIMEDWAIT, .object = 1, .flags = REQUEST_TIMED, .timeout_ns = 1000000}, {.op = OP_EXTERNAL}};
static const struct simulator_task patient_tasks[] = {
	SIMULATOR_TASK("main", spin_main), SIMULATOR_TASK("worker", patient_worker)};

/* A time-out is more than a delay: yields bring it about, too, but only many of them. */
static void test_yields_time_out(void **state)
{
	uint32_t flag = 0;
	struct simulator_program program = SIMULATOR_PROGRAM(patient_tasks, one_semaphore);
	struct plan plan = simulator_plan(CHOOSER_FIRST, 5);
	(void)state;
	program.performed = poll_flag;
	program.context = &flag;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_EXITED);
	assert_in_range(simulator_result(simulator)->nsteps, 100, 200);
	assert_int_equal(simulator_result(simulator)->npreemptions, 0);
}

static int64_t fail_yields(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	(void)context;
	(void)task;
	return op->op == OP_YIELD ? 1 : result;
}

static const struct simulator_op forever_main[] = {CREATE(2), {.op = OP_YIELD, .on_failure = -1}};
static const struct simulator_op forever_worker[] = {{.op = OP_YIELD, .on_failure = -1}};
static const struct simulator_task forever_tasks[] = {
	SIMULATOR_TASK("main", forever_main), SIMULATOR_TASK("worker", forever_worker)};

static void test_livelock(void **state)
{
	struct simulator_program program = SIMULATOR_PROGRAM(forever_tasks, two_mutexes);
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	(void)state;
	program.performed = fail_yields;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_LIVELOCK);
	assert_in_range(simulator_result(simulator)->nsteps, 2000, 2010);
	plan.max_steps = 50;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_LIMIT);
	assert_int_equal(simulator_result(simulator)->nsteps, 50);
}

static int64_t meet_foreign(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	((struct world *)(uintptr_t)simulator_world(simulator))->seen |= SEEN_FOREIGN;
	return fail_yields(context, task, op, result);
}

/* A thread that is not controlled may be what they wait for. */
static void test_no_livelock_among_foreign(void **state)
{
	struct simulator_program program = SIMULATOR_PROGRAM(forever_tasks, two_mutexes);
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	(void)state;
	program.performed = meet_foreign;
	plan.max_steps = 5000;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_LIMIT);
	assert_int_equal(simulator_result(simulator)->nsteps, 5000);
}

static const struct simulator_op rounds_main[] = {CREATE(2), LOCK(1), UNLOCK(1), {.op = OP_YIELD, .on_failure = -3}};
static const struct simulator_op rounds_worker[] = {LOCK(1), UNLOCK(1), {.op = OP_YIELD, .on_failure = -3}};
static const struct simulator_task rounds_tasks[] = {
	SIMULATOR_TASK("main", rounds_main), SIMULATOR_TASK("worker", rounds_worker)};

static int64_t look_at_times(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	uint32_t *count = context;
	if (op->op == OP_YIELD && task == 2 && ++*count % 700 == 0)
		((struct world *)(uintptr_t)simulator_world(simulator))->looked = 1;
	return fail_yields(NULL, task, op, result);
}

/* Rounds of lock, unlock, yield lead nowhere, whatever the limit of steps; when a clock is read they may have an end. */
static void test_livelock_in_rounds(void **state)
{
	uint32_t nyields = 0;
	struct simulator_program program = SIMULATOR_PROGRAM(rounds_tasks, two_mutexes);
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	(void)state;
	program.performed = fail_yields;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_LIVELOCK);
	uint32_t nsteps = simulator_result(simulator)->nsteps;
	assert_in_range(nsteps, ROUNDS_WINDOW, ROUNDS_WINDOW + 1024);
	plan.max_steps = nsteps + 1;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_LIVELOCK);
	assert_int_equal(simulator_result(simulator)->nsteps, nsteps);
	program.performed = look_at_times;
	program.context = &nyields;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_LIMIT);
}

/* Two who wait for each other's yields both make progress: neither is more than a few yields ahead. */
static void test_yielders_alternate(void **state)
{
	struct simulator_program program = SIMULATOR_PROGRAM(forever_tasks, two_mutexes);
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	const struct world *world = simulator_world(simulator);
	(void)state;
	program.performed = fail_yields;
	plan.max_steps = 1000;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_LIMIT);
	assert_in_range(world->tasks[2].nyields, world->tasks[1].nyields / 4, world->tasks[1].nyields * 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_yield_switches),
		cmocka_unit_test(test_clock_jumps),
		cmocka_unit_test(test_expired_wait_needs_its_mutex),
		cmocka_unit_test(test_time_out_is_offered_with_the_mutex),
		cmocka_unit_test(test_yield_is_fair),
		cmocka_unit_test(test_polling_lets_time_pass),
		cmocka_unit_test(test_yields_time_out),
		cmocka_unit_test(test_livelock),
		cmocka_unit_test(test_no_livelock_among_foreign),
		cmocka_unit_test(test_livelock_in_rounds),
		cmocka_unit_test(test_yielders_alternate),
	};
	return cmocka_run_group_tests(tests, open_simulator, close_simulator);
}
