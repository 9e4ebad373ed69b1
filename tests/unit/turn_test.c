/*
 * The turn: directives, verdicts, questions.
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
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

static const struct simulator_op lock_main[] = {CREATE(2), LOCK(1), UNLOCK(1)};
static const struct simulator_op lock_worker[] = {LOCK(1), UNLOCK(1)};
static const struct simulator_task lock_tasks[] = {
	SIMULATOR_TASK("main", lock_main), SIMULATOR_TASK("worker", lock_worker)};
static const struct simulator_program lock_program = SIMULATOR_PROGRAM(lock_tasks, two_mutexes);

static const struct simulator_op abba_main[] = {CREATE(2), LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op abba_worker[] = {LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2)};
static const struct simulator_task abba_tasks[] = {
	SIMULATOR_TASK("main", abba_main), SIMULATOR_TASK("worker", abba_worker)};
static const struct simulator_program abba_program = SIMULATOR_PROGRAM(abba_tasks, two_mutexes);

static const struct simulator_op timed_main[] = {
	CREATE(2), {.op = OP_SEM_TIMEDWAIT, .object = 1, .flags = REQUEST_TIMED, .timeout_ns = 1000}};
static const struct simulator_op timed_worker[] = {{.op = OP_SEM_POST, .object = 1}};
static const struct simulator_task timed_tasks[] = {
	SIMULATOR_TASK("main", timed_main), SIMULATOR_TASK("worker", timed_worker)};
static const struct simulator_object one_semaphore[] = {{.kind = OBJECT_SEM}};
static const struct simulator_program timed_program = SIMULATOR_PROGRAM(timed_tasks, one_semaphore);

static void test_first_never_preempts(void **state)
{
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	(void)state;
	assert_int_equal(simulator_run(simulator, &abba_program, &plan, NULL), OUTCOME_EXITED);
	assert_int_equal(simulator_result(simulator)->npreemptions, 0);
	/* create A B B' A' X, then s b a a' b' x; there was a choice before each of A B B' A' X */
	assert_int_equal(simulator_result(simulator)->nsteps, 12);
	assert_int_equal(simulator_result(simulator)->nchoices, 5);
}

static struct plan with_prefix(uint32_t nprefix, uint16_t flags)
{
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	plan.nprefix = nprefix;
	plan.flags = flags;
	return plan;
}

/* main takes A, the worker s b: stuck. Three choices answered, the fourth step is forced. */
static void test_take(void **state)
{
	const struct directive prefix[] = {{.task = 1}, {.task = 2}, {.task = 2}};
	struct plan plan = with_prefix(COUNT(prefix), PLAN_STRICT);
	(void)state;
	assert_int_equal(simulator_run(simulator, &abba_program, &plan, prefix), OUTCOME_DEADLOCK);
	assert_int_equal(simulator_world(simulator)->cursor, 3);
	assert_int_equal(simulator_result(simulator)->npreemptions, 1);
}

static void test_take_diverges(void **state)
{
	const struct directive prefix[] = {{.task = 1}, {.task = 7}, {.task = 2}};
	struct plan plan = with_prefix(COUNT(prefix), PLAN_STRICT);
	(void)state;
	assert_int_equal(simulator_run(simulator, &abba_program, &plan, prefix), OUTCOME_DIVERGED);
	assert_int_equal(simulator_result(simulator)->diverged_at, 1);
	plan.flags = 0; /* skipped: A, B by the chooser, then the worker waits for b; nothing is left to say */
	assert_int_equal(simulator_run(simulator, &abba_program, &plan, prefix), OUTCOME_EXITED);
	assert_int_equal(simulator_world(simulator)->cursor, 3);
	assert_int_equal(simulator_result(simulator)->npreemptions, 1);
}

/* A directive for a value doesn't fit a choice of task. */
static void test_take_kind_must_match(void **state)
{
	const struct directive prefix[] = {{.kind = CHOICE_WAKE, .task = 2}};
	struct plan plan = with_prefix(COUNT(prefix), PLAN_STRICT);
	(void)state;
	assert_int_equal(simulator_run(simulator, &abba_program, &plan, prefix), OUTCOME_DIVERGED);
}

/* The worker runs until it is about to take A (its third operation after begin and b), then main. */
static void test_run_until_operation(void **state)
{
	const struct directive prefix[] = {{.form = DIRECTIVE_RUN, .task = 1, .value = 1},
		{.form = DIRECTIVE_RUN, .task = 2, .value = 2}, {.form = DIRECTIVE_RUN, .task = 1, .value = 2}};
	struct plan plan = with_prefix(COUNT(prefix), PLAN_STRICT);
	(void)state;
	assert_int_equal(simulator_run(simulator, &abba_program, &plan, prefix), OUTCOME_DEADLOCK);
	assert_int_equal(simulator_world(simulator)->tasks[1].nops, 3);
	assert_int_equal(simulator_world(simulator)->tasks[2].nops, 3);
}

/* A run ends where its task is blocked; the next one begins there. */
static void test_run_until_blocked(void **state)
{
	const struct directive prefix[] = {{.form = DIRECTIVE_RUN, .task = 1, .value = 2},
		{.form = DIRECTIVE_RUN, .task = 2, .value = 100}, {.form = DIRECTIVE_RUN, .task = 1, .value = 100}};
	struct plan plan = with_prefix(COUNT(prefix), PLAN_STRICT);
	(void)state;
	assert_int_equal(simulator_run(simulator, &lock_program, &plan, prefix), OUTCOME_EXITED);
	/* the worker begins and blocks on L: main releases, and goes on although the worker could */
	assert_int_equal(simulator_world(simulator)->cursor, 3);
	assert_int_equal(simulator_result(simulator)->npreemptions, 1);
}

/* Time-outs taken by name; where the task could go by itself that can't be. */
static void test_take_timeout(void **state)
{
	const struct directive early[] = {{.kind = CHOICE_TIMEOUT, .task = 1}};
	const struct directive late[] = {{.task = 2}, {.task = 2}, {.kind = CHOICE_TIMEOUT, .task = 1}};
	struct plan plan = with_prefix(COUNT(early), PLAN_STRICT);
	(void)state;
	assert_int_equal(simulator_run(simulator, &timed_program, &plan, early), OUTCOME_EXITED);
	assert_int_equal(simulator_world(simulator)->objects[3].count, 1);
	plan.nprefix = COUNT(late);
	assert_int_equal(simulator_run(simulator, &timed_program, &plan, late), OUTCOME_DIVERGED);
	assert_int_equal(simulator_result(simulator)->diverged_at, 2);
}

static const struct simulator_op wake_main[] = {
	CREATE(2), CREATE(3), {.op = OP_YIELD}, LOCK(1), {.op = OP_COND_SIGNAL, .object = 2}, UNLOCK(1)};
static const struct simulator_op wake_worker[] = {LOCK(1), {.op = OP_COND_WAIT, .object = 2, .second = 1}, UNLOCK(1)};
static const struct simulator_task wake_tasks[] = {SIMULATOR_TASK("main", wake_main),
	SIMULATOR_TASK("worker", wake_worker), SIMULATOR_TASK("worker", wake_worker)};
static const struct simulator_object mutex_and_cond[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_COND}};
static const struct simulator_program wake_program = SIMULATOR_PROGRAM(wake_tasks, mutex_and_cond);

/* Both workers wait, main signals: the directive says who wakes; the other is stuck. */
static void test_take_value(void **state)
{
	for (uint32_t value = 0; value < 2; value++) {
		const struct directive prefix[] = {{.form = DIRECTIVE_RUN, .task = 2, .value = 100},
			{.form = DIRECTIVE_RUN, .task = 3, .value = 100},
			{.kind = CHOICE_WAKE, .task = 1, .value = value}};
		struct plan plan = with_prefix(COUNT(prefix), 0);
		(void)state;
		/* the yield lets both of them wait; the run of main up to there needs no directive */
		assert_int_equal(simulator_run(simulator, &wake_program, &plan, prefix), OUTCOME_DEADLOCK);
		assert_int_equal(simulator_world(simulator)->cursor, 3);
		assert_int_equal(simulator_world(simulator)->tasks[2 + value].state, TASK_ENDED);
		assert_int_equal(simulator_world(simulator)->tasks[3 - value].state, TASK_READY);
	}
}

static void test_value_must_fit(void **state)
{
	struct directive prefix[] = {{.form = DIRECTIVE_RUN, .task = 2, .value = 100},
		{.form = DIRECTIVE_RUN, .task = 3, .value = 100}, {.kind = CHOICE_WAKE, .task = 1, .value = 2}};
	struct plan plan = with_prefix(COUNT(prefix), PLAN_STRICT);
	(void)state;
	assert_int_equal(simulator_run(simulator, &wake_program, &plan, prefix), OUTCOME_DIVERGED);
	assert_int_equal(simulator_result(simulator)->diverged_at, 2);
	prefix[2].value = 1;
	assert_int_equal(simulator_run(simulator, &wake_program, &plan, prefix), OUTCOME_DEADLOCK);
	prefix[2].kind = CHOICE_SIGNAL;
	assert_int_equal(simulator_run(simulator, &wake_program, &plan, prefix), OUTCOME_DIVERGED);
	assert_int_equal(simulator_result(simulator)->diverged_at, 2);
}

/* A lapsed task keeps the execution alive; without it the same state is a deadlock, and without any task an end. */
static void test_verdicts(void **state)
{
	static struct world world;
	struct decision decision;
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	(void)state;
	world_reset(&world);
	turn_open(&world, &plan);
	assert_int_equal(turn_next(&world, &plan, NULL, 0, &decision), TURN_ENDED);
	world.ntasks = 2;
	world.tasks[1].id = 1;
	world.tasks[2].id = 2;
	uint32_t mutex = world_object_new(&world, OBJECT_MUTEX, 0, 64);
	world.objects[mutex].owner = 2;
	world_announce(&world, &world.tasks[1], &(struct request){.op = OP_MUTEX_LOCK, .object = mutex});
	world.tasks[2].state = TASK_LAPSED;
	assert_int_equal(turn_next(&world, &plan, NULL, 1, &decision), TURN_NOBODY);
	world.tasks[2].state = TASK_ENDED;
	assert_int_equal(turn_next(&world, &plan, NULL, 1, &decision), TURN_DEADLOCK);
	world.tasks[2].state = TASK_RETURNED;
	assert_int_equal(turn_next(&world, &plan, NULL, 1, &decision), TURN_GO);
	assert_int_equal(decision.task, 2);
	assert_int_equal(decision.nalternatives, 1);
	assert_int_equal(decision.cost, 0);
}

/* Time that passes stops at the earliest deadline, where that wait ends; then the next comes. */
static void test_pass(void **state)
{
	static struct world world;
	struct request wait = {.op = OP_SEM_TIMEDWAIT, .flags = REQUEST_TIMED};
	(void)state;
	world_reset(&world);
	world.ntasks = 2;
	wait.object = world_object_new(&world, OBJECT_SEM, 0, 64);
	for (uint16_t id = 1; id <= 2; id++) {
		world.tasks[id].id = id;
		wait.deadline_ns = id * 1000;
		world_announce(&world, &world.tasks[id], &wait);
	}
	turn_pass(&world, 400);
	assert_int_equal(world.now_ns, 400);
	turn_pass(&world, 4000);
	assert_int_equal(world.now_ns, 1000);
	assert_true(world.tasks[1].flags & TASK_EXPIRED);
	assert_false(world.tasks[2].flags & TASK_EXPIRED);
	turn_pass(&world, 4000);
	assert_int_equal(world.now_ns, 2000);
	assert_true(world.tasks[2].flags & TASK_EXPIRED);
	turn_pass(&world, 4000);
	assert_int_equal(world.now_ns, 6000);
}

static bool refuse(void *context, const struct world *world, const struct decision *decision, uint16_t kind, uint32_t n,
	uint32_t *answer, bool *timeout)
{
	uint32_t *nasked = context;
	(void)world;
	(void)timeout;
	assert_int_equal(kind, CHOICE_TASK);
	assert_int_equal(n, decision->nalternatives);
	assert_int_equal(decision->task, *answer); /* the chooser's proposal */
	return ++*nasked < 5;
}

/* Every announcement is asked about, also where there is one alternative. */
static void test_ask(void **state)
{
	uint32_t nasked = 0;
	struct simulator_program program = lock_program;
	struct plan plan = with_prefix(0, PLAN_ASK);
	(void)state;
	program.ask = refuse;
	program.ask_context = &nasked;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_DIVERGED);
	assert_int_equal(nasked, 5);
	assert_int_equal(simulator_result(simulator)->nsteps, 4);
}

/* 200 tasks are no limit, and the same plan gives the same trace. */
static void test_many_tasks(void **state)
{
	enum { NWORKERS = 200 };
	static struct simulator_op ops[NWORKERS];
	static struct simulator_task tasks[NWORKERS + 1];
	struct simulator_program program = {
		.tasks = tasks, .ntasks = NWORKERS + 1, .objects = two_mutexes, .nobjects = COUNT(two_mutexes)};
	struct plan plan = simulator_plan(CHOOSER_RANDOM, 9);
	(void)state;
	tasks[0] = (struct simulator_task){"main", ops, NWORKERS};
	for (uint16_t i = 0; i < NWORKERS; i++) {
		ops[i] = (struct simulator_op){.op = OP_CREATE, .object = i + 2};
		tasks[i + 1] = (struct simulator_task)SIMULATOR_TASK("worker", lock_worker);
	}
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_EXITED);
	uint64_t hash = simulator_result(simulator)->hash;
	assert_int_equal(simulator_result(simulator)->nsteps, NWORKERS + 1 + 4 * NWORKERS);
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_EXITED);
	assert_true(simulator_result(simulator)->hash == hash);
	plan.seed++;
	assert_int_equal(simulator_run(simulator, &program, &plan, NULL), OUTCOME_EXITED);
	assert_true(simulator_result(simulator)->hash != hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_never_preempts),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_take_diverges),
		cmocka_unit_test(test_take_kind_must_match),
		cmocka_unit_test(test_run_until_operation),
		cmocka_unit_test(test_run_until_blocked),
		cmocka_unit_test(test_take_timeout),
		cmocka_unit_test(test_take_value),
		cmocka_unit_test(test_value_must_fit),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_many_tasks),
	};
	return cmocka_run_group_tests(tests, open_simulator, close_simulator);
}
