/*
 * Choosers: what each is for, with fixed seeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "scene.h"
#include "shared/chooser/chooser.h"
#include "shared/trace.h"
#include "simulator.h"

#define CREATE(task_) \
	{ \
		.op = OP_CREATE, .object = task_ \
	}
#define JOIN(task_) \
	{ \
		.op = OP_JOIN, .object = task_ \
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

static struct decision decision_between(uint32_t first_enabled, uint32_t last_enabled, uint32_t timed)
{
	struct decision decision = {0};
	for (uint32_t id = first_enabled; id <= last_enabled; id++)
		task_set_add(&decision.enabled, id);
	if (timed != 0)
		task_set_add(&decision.timed, timed);
	decision.nenabled = last_enabled - first_enabled + 1;
	decision.ntimed = timed != 0;
	return decision;
}

/* 3000 choices among three tasks; with a fourth that could time out, one in sixteen is that. */
static void test_random_is_even(void **state)
{
	uint32_t counts[5] = {0};
	struct world *world = scene_open(4);
	struct plan plan = simulator_plan(CHOOSER_RANDOM, 17);
	(void)state;
	turn_open(world, &plan);
	for (int i = 0; i < 3000; i++) {
		struct decision decision = decision_between(1, 3, 0);
		chooser_of(CHOOSER_RANDOM)->choose(world, &plan, 1, &decision);
		assert_false(decision.timeout);
		counts[decision.task]++;
	}
	for (int id = 1; id <= 3; id++)
		assert_in_range(counts[id], 900, 1100);
	for (int i = 0; i < 3200; i++) {
		struct decision decision = decision_between(1, 3, 4);
		chooser_of(CHOOSER_RANDOM)->choose(world, &plan, 1, &decision);
		assert_int_equal(decision.timeout, decision.task == 4);
		counts[4] += decision.timeout;
	}
	assert_in_range(counts[4], 150, 250);
}

static void test_values(void **state)
{
	uint32_t nwakes[3] = {0}, nbusy[2] = {0};
	struct world *world = scene_open(1);
	struct plan plan = simulator_plan(CHOOSER_RANDOM, 17);
	(void)state;
	turn_open(world, &plan);
	for (int i = 0; i < 1500; i++) {
		nwakes[turn_choose(world, &plan, NULL, CHOICE_WAKE, 1, 3, 0)]++;
		nbusy[turn_choose(world, &plan, NULL, CHOICE_BUSY, 1, 2, 0)]++;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(nwakes[i], 400, 600);
	assert_in_range(nbusy[1], 50, 150);
	plan.chooser = CHOOSER_FIRST;
	turn_open(world, &plan);
	for (int i = 0; i < 100; i++)
		assert_int_equal(turn_choose(world, &plan, NULL, CHOICE_WAKE, 1, 3, 2), 2);
}

static const struct simulator_object mutexes[] = {
	{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}};
static const struct simulator_op abba_main[] = {CREATE(2), LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op abba_worker[] = {LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2)};
static const struct simulator_task abba_tasks[] = {
	SIMULATOR_TASK("main", abba_main), SIMULATOR_TASK("worker", abba_worker)};
static const struct simulator_program abba = SIMULATOR_PROGRAM(abba_tasks, mutexes);

static uint32_t count_deadlocks(enum chooser_id chooser, uint32_t depth, uint32_t nseeds)
{
	uint32_t n = 0;
	for (uint32_t seed = 0; seed < nseeds; seed++) {
		struct plan plan = simulator_plan(chooser, seed);
		plan.depth = depth;
		plan.length = 12;
		n += simulator_run(simulator, &abba, &plan, NULL) == OUTCOME_DEADLOCK;
	}
	return n;
}

/*
 * The guarantee: a bug of depth d among n tasks and k steps has probability 1/(n k^(d-1)). This one has depth 2, so at
 * least 1/(2 * 12) of runs with one change hit it; without a change it can't be met.
 */
static void test_pct_guarantee(void **state)
{
	(void)state;
	assert_int_equal(count_deadlocks(CHOOSER_PCT, 1, 200), 0);
	assert_in_range(count_deadlocks(CHOOSER_PCT, 2, 1200), 1200 / 24, 600);
}

/* One change point at each step, all drawn below length. */
static void test_pct_changes(void **state)
{
	uint32_t met[12] = {0};
	struct world *world = scene_open(1);
	struct plan plan = simulator_plan(CHOOSER_PCT, 0);
	(void)state;
	plan.length = 12;
	plan.depth = 4;
	for (plan.seed = 0; plan.seed < 400; plan.seed++) {
		turn_open(world, &plan);
		for (int i = 0; i < 3; i++) {
			assert_in_range(world->change_at[i], i > 0 ? world->change_at[i - 1] : 0, 11);
			met[world->change_at[i]]++;
		}
		assert_int_equal(world->change_at[3], UINT32_MAX);
	}
	for (int i = 0; i < 12; i++)
		assert_in_range(met[i], 60, 140);
}

/* A change that is due at a step which was nobody's choice changes the priority of whoever makes it. */
static void test_pct_forced_change(void **state)
{
	struct plan plan = simulator_plan(CHOOSER_PCT, 0);
	(void)state;
	plan.length = 1;
	plan.depth = 2;
	for (plan.seed = 0; plan.seed < 20; plan.seed++) {
		struct world *world = scene_open(2);
		struct decision decision = decision_between(1, 2, 0);
		turn_open(world, &plan);
		scene_announce(1, OP_EXTERNAL, 0, 0);
		scene_announce(2, OP_EXTERNAL, 0, 0);
		chooser_of(CHOOSER_PCT)->step(world, &world->tasks[1]);
		world->nsteps = 1;
		chooser_of(CHOOSER_PCT)->choose(world, &plan, 1, &decision);
		assert_int_equal(decision.task, 2);
		/* who yields goes below even that */
		scene_announce(2, OP_YIELD, 0, 0);
		chooser_of(CHOOSER_PCT)->step(world, &world->tasks[2]);
		chooser_of(CHOOSER_PCT)->choose(world, &plan, 2, &decision);
		assert_int_equal(decision.task, 1);
	}
}

static void test_first_has_no_deadlock(void **state)
{
	(void)state;
	assert_int_equal(count_deadlocks(CHOOSER_FIRST, 1, 3), 0);
	assert_in_range(count_deadlocks(CHOOSER_RANDOM, 1, 200), 20, 180);
	assert_in_range(count_deadlocks(CHOOSER_POS, 1, 200), 20, 180);
}

/* Until somebody listens nobody is preempted, nothing out of the ordinary happens, and no directive is used up. */
static void test_calm(void **state)
{
	struct world *world = scene_open(1);
	struct plan plan = simulator_plan(CHOOSER_RANDOM, 1);
	struct directive wake = {.form = DIRECTIVE_TAKE, .kind = CHOICE_WAKE, .task = 1, .value = 2};
	uint32_t nothers = 0;
	(void)state;
	plan.flags = PLAN_CALM;
	plan.nprefix = 1;
	turn_open(world, &plan);
	for (int i = 0; i < 100; i++)
		assert_int_equal(turn_choose(world, &plan, &wake, CHOICE_WAKE, 1, 3, 1), 1);
	world->listened = 1;
	assert_int_equal(turn_choose(world, &plan, &wake, CHOICE_WAKE, 1, 3, 1), 2);
	for (int i = 0; i < 100; i++)
		nothers += turn_choose(world, &plan, &wake, CHOICE_WAKE, 1, 3, 1) != 1;
	assert_in_range(nothers, 30, 95);
	plan.nprefix = 0;
	for (plan.seed = 1; plan.seed <= 50; plan.seed++) {
		assert_int_equal(simulator_run(simulator, &abba, &plan, NULL), OUTCOME_EXITED);
		assert_int_equal(simulator_result(simulator)->npreemptions, 0);
	}
}

/* Only those that raced with the step draw again. */
static void test_pos_redraws(void **state)
{
	struct world *world = scene_open(4);
	struct plan plan = simulator_plan(CHOOSER_POS, 1);
	uint32_t mutex = scene_object(OBJECT_MUTEX), other = scene_object(OBJECT_MUTEX);
	(void)state;
	turn_open(world, &plan);
	scene_announce(1, OP_MUTEX_LOCK, mutex, 0);
	scene_announce(2, OP_MUTEX_LOCK, mutex, 0);
	scene_announce(3, OP_MUTEX_LOCK, other, 0);
	struct decision decision = decision_between(1, 3, 0);
	chooser_of(CHOOSER_POS)->choose(world, &plan, 1, &decision);
	uint64_t third = world->tasks[3].priority;
	assert_true(world->tasks[decision.task].priority >= third);
	assert_int_not_equal(world->tasks[2].priority, 0);
	chooser_of(CHOOSER_POS)->step(world, &world->tasks[1]);
	assert_int_equal(world->tasks[1].priority, 0);
	assert_int_equal(world->tasks[2].priority, 0);
	assert_true(world->tasks[3].priority == third);
}

/* Who ran when: the program's tasks by number, each time another goes on. */
struct order {
	char text[64];
	uint32_t length;
};

static int64_t note_order(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	struct order *order = context;
	char name = (char)('0' + task);
	if ((op->op == OP_MUTEX_LOCK || op->op == OP_EXTERNAL) &&
		(order->length == 0 || order->text[order->length - 1] != name))
		order->text[order->length++] = name;
	return result;
}

/* 2 and 3 start 5 and 6 to help them; 4 waits for what 3 does in the end. */
static const struct simulator_op units_main[] = {
	LOCK(1), CREATE(2), CREATE(3), CREATE(4), UNLOCK(1), JOIN(2), JOIN(3), JOIN(4), LOCK(1)};
static const struct simulator_op units_second[] = {LOCK(1), CREATE(5), UNLOCK(1), JOIN(5), LOCK(2), UNLOCK(2)};
static const struct simulator_op units_third[] = {
	LOCK(1), CREATE(6), UNLOCK(1), LOCK(2), UNLOCK(2), JOIN(6), {.op = OP_SEM_POST, .object = 3}};
static const struct simulator_op units_fourth[] = {
	{.op = OP_EXTERNAL}, {.op = OP_SEM_WAIT, .object = 3}, LOCK(2), UNLOCK(2)};
static const struct simulator_op units_helper[] = {{.op = OP_EXTERNAL}};
static const struct simulator_task units_tasks[] = {SIMULATOR_TASK("main", units_main),
	SIMULATOR_TASK("second", units_second), SIMULATOR_TASK("third", units_third),
	SIMULATOR_TASK("fourth", units_fourth), SIMULATOR_TASK("helper", units_helper),
	SIMULATOR_TASK("helper", units_helper)};
static const struct simulator_object units_objects[] = {
	{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}, {.kind = OBJECT_SEM}};

static void run_in_order(
	const struct simulator_program *program, const uint64_t *order, uint32_t norder, const char *expected)
{
	struct order seen = {0};
	struct simulator_program noting = *program;
	struct plan plan = simulator_plan(CHOOSER_SERIAL, 0);
	plan.norder = norder;
	memcpy(plan.order, order, norder * sizeof(*order));
	noting.performed = note_order;
	noting.context = &seen;
	assert_int_equal(simulator_run(simulator, &noting, &plan, NULL), OUTCOME_EXITED);
	assert_string_equal(seen.text, expected);
}

static void test_serial_orders_tasks(void **state)
{
	static const struct simulator_program program = SIMULATOR_PROGRAM(units_tasks, units_objects);
	const uint64_t none[1] = {0};
	uint64_t unit[5];
	(void)state;
	/* as created; helpers with their units */
	run_in_order(&program, none, 0, "12523641");
	for (int id = 2; id <= 4; id++)
		unit[id] = simulator_world(simulator)->tasks[id].identity;
	run_in_order(&program, (uint64_t[]){unit[2], unit[3], unit[4]}, 3, "12523641");
	/* 4 goes as far as it can, then 3 until 4 can go on */
	run_in_order(&program, (uint64_t[]){unit[4], unit[3], unit[2]}, 3, "143642521");
	run_in_order(&program, (uint64_t[]){unit[3], unit[2], unit[4]}, 3, "13625241");
	/* what the order doesn't name comes last */
	run_in_order(&program, (uint64_t[]){unit[3]}, 1, "13625241");
}

static const struct simulator_op nested_main[] = {CREATE(2), JOIN(2)};
static const struct simulator_op nested_suite[] = {CREATE(3), CREATE(4), {.op = OP_EXTERNAL}, JOIN(3), JOIN(4)};
static const struct simulator_task nested_tasks[] = {SIMULATOR_TASK("main", nested_main),
	SIMULATOR_TASK("suite", nested_suite), SIMULATOR_TASK("worker", units_helper),
	SIMULATOR_TASK("worker", units_helper)};

/* Who starts the units is the harness, wherever it stands: both are there before the first one goes. */
static void test_serial_harness(void **state)
{
	static const struct simulator_program program = SIMULATOR_PROGRAM(nested_tasks, mutexes);
	const uint64_t none[1] = {0};
	uint64_t unit[2];
	(void)state;
	run_in_order(&program, none, 0, "234");
	unit[0] = simulator_world(simulator)->tasks[4].identity;
	unit[1] = simulator_world(simulator)->tasks[3].identity;
	run_in_order(&program, unit, 2, "243");
}

/* Two tasks of one unit: the turn stays where it is. Two that the plan doesn't know: the older one goes first. */
static void test_serial_within_a_unit(void **state)
{
	(void)state;
	for (uint32_t norder = 0; norder < 2; norder++) {
		struct world *world = scene_open(3);
		struct plan plan = simulator_plan(CHOOSER_SERIAL, 0);
		plan.norder = norder;
		plan.order[0] = 7;
		turn_open(world, &plan);
		for (uint32_t id = 2; id <= 3; id++) {
			scene_announce(id, OP_EXTERNAL, 0, 0);
			world->tasks[id].unit = 7;
		}
		struct decision decision = decision_between(2, 3, 0);
		chooser_of(CHOOSER_SERIAL)->choose(world, &plan, 3, &decision);
		assert_int_equal(decision.task, norder > 0 ? 3 : 2);
		world->tasks[3].flags |= TASK_YIELDED;
		decision = decision_between(2, 3, 0);
		chooser_of(CHOOSER_SERIAL)->choose(world, &plan, 3, &decision);
		assert_int_equal(decision.task, 2);
	}
}

static const struct simulator_op marks_main[] = {CREATE(2), CREATE(3), JOIN(2), JOIN(3)};
static const struct simulator_op marks_worker[] = {{.op = OP_EXTERNAL}, {.op = OP_UNIT_BEGIN, .text = "unit"}, LOCK(1),
	UNLOCK(1), {.op = OP_UNIT_END, .text = "unit"}};
static const struct simulator_task marks_tasks[] = {SIMULATOR_TASK("main", marks_main),
	SIMULATOR_TASK("worker", marks_worker), SIMULATOR_TASK("worker", marks_worker)};

static void find_marks(uint64_t *unit)
{
	size_t nbytes;
	const char *bytes = simulator_trace(simulator, &nbytes);
	for (size_t at = 0; at < nbytes; at += ((const struct record *)(bytes + at))->nbytes) {
		const struct record_unit *record = (const void *)(bytes + at);
		if (record->head.kind == RECORD_UNIT && record->begin)
			unit[record->head.task] = record->identity;
	}
}

/* Before and after their marks the workers are the harness. */
static void test_serial_orders_marks(void **state)
{
	static const struct simulator_program program = SIMULATOR_PROGRAM(marks_tasks, mutexes);
	uint64_t unit[4] = {0};
	(void)state;
	run_in_order(&program, unit, 0, "2323");
	find_marks(unit);
	assert_true(unit[2] != 0 && unit[3] != 0 && unit[2] != unit[3]);
	run_in_order(&program, (uint64_t[]){unit[2], unit[3]}, 2, "2323");
	run_in_order(&program, (uint64_t[]){unit[3], unit[2]}, 2, "232");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_is_even),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_pct_guarantee),
		cmocka_unit_test(test_pct_changes),
		cmocka_unit_test(test_pct_forced_change),
		cmocka_unit_test(test_first_has_no_deadlock),
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_pos_redraws),
		cmocka_unit_test(test_serial_orders_tasks),
		cmocka_unit_test(test_serial_harness),
		cmocka_unit_test(test_serial_within_a_unit),
		cmocka_unit_test(test_serial_orders_marks),
	};
	return cmocka_run_group_tests(tests, open_simulator, close_simulator);
}
