/*
 * Directed search: what it tries first and finds on toy programs, alone and as a part of auto.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "expedition.h"
#include "shared/database.h"

#define CREATE(task_) {.op = OP_CREATE, .object = task_}
#define JOIN(task_) {.op = OP_JOIN, .object = task_}
#define LOCK(mutex_) {.op = OP_MUTEX_LOCK, .object = mutex_}
#define UNLOCK(mutex_) {.op = OP_MUTEX_UNLOCK, .object = mutex_}
#define SQL(statement_) {.op = OP_SQLITE_STEP, .object = 1, .statement = statement_}
#define WAIT(cond_, mutex_) {.op = OP_COND_WAIT, .object = cond_, .second = mutex_}
#define SIGNAL(cond_) {.op = OP_COND_SIGNAL, .object = cond_}

enum { SELECT_ORDER = 1, UPDATE_ORDER, INSERT_ITEM, SELECT_STOCK, UPDATE_STOCK, BEGIN, COMMIT, GIVE_BACK, SHIP, STATEMENTS };
enum { ORDERS = 100, ITEMS, STOCK };

static const struct statement statements[STATEMENTS + 1] = {
	[SELECT_ORDER] = {.hash = 1, .kind = STATEMENT_READ, .ntables = 1, .tables = {{.table = ORDERS, .reads = 1}}},
	[UPDATE_ORDER] = {.hash = 2, .kind = STATEMENT_WRITE, .ntables = 1,
		.tables = {{.table = ORDERS, .reads = 1, .writes = 1}}},
	[INSERT_ITEM] = {.hash = 3, .kind = STATEMENT_WRITE, .ntables = 1, .tables = {{.table = ITEMS, .writes = 1}}},
	[SELECT_STOCK] = {.hash = 4, .kind = STATEMENT_READ, .ntables = 1, .tables = {{.table = STOCK, .reads = 1}}},
	[UPDATE_STOCK] = {.hash = 5, .kind = STATEMENT_WRITE, .ntables = 1,
		.tables = {{.table = STOCK, .reads = 1, .writes = 1}}},
	[BEGIN] = {.hash = 6, .kind = STATEMENT_BEGIN},
	[COMMIT] = {.hash = 7, .kind = STATEMENT_COMMIT},
	[GIVE_BACK] = {.hash = 8, .flags = STATEMENT_UNBOUNDED, .marks = SESSION_MARK_USED | SESSION_MARK_LOCKS},
	[SHIP] = {.hash = 9, .kind = STATEMENT_WRITE, .flags = STATEMENT_UNBOUNDED, .ntables = 1,
		.tables = {{.table = ITEMS, .writes = 1}}}, /* a trigger may do more */
};

static const struct simulator_object database[] = {{.kind = OBJECT_DATABASE}};
static const struct simulator_op two_children[] = {CREATE(2), CREATE(3), JOIN(2), JOIN(3)};
static const struct simulator_op fulfill[] = {SQL(SELECT_ORDER), SQL(UPDATE_ORDER), SQL(INSERT_ITEM)};
static const struct simulator_task shop_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("charge", fulfill), SIMULATOR_TASK("webhook", fulfill)};
static const struct simulator_program shop = {.tasks = shop_tasks, .ntasks = 3, .objects = database, .nobjects = 1,
	.statements = statements};

static struct expedition expedition_with(const char *name, const struct simulator_program *program, uint32_t max)
{
	const struct strategy *strategy = strategy_find(name);
	assert_non_null(strategy);
	return (struct expedition){.strategy = strategy, .program = program, .max = max,
		.options = {.seed = 7, .bound = BOUND_DEFAULT, .max_executions = max}};
}

/* Order of the steps that act on databases, as "c1w1w2w3c2c3": first letter of the task, statement. */
static const char *story_of(const struct trace *trace, char *out)
{
	char *at = out;
	for (uint32_t i = 0; i < trace->nsteps; i++) {
		const struct request *request = &trace_step_announce(trace, i)->request;
		if (request->op != OP_SQLITE_STEP)
			continue;
		*at++ = trace_task_name(trace, trace->steps[i].task)[0];
		*at++ = (char)('0' + request->statement);
	}
	*at = '\0';
	return out;
}

struct stories {
	char told[8][64];
	uint32_t n;
};

static bool tell(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	struct stories *stories = context;
	(void)draft;
	story_of(trace, stories->told[stories->n]);
	return ++stories->n < 8;
}

/* charge has read and is about to write, webhook goes through to its end, charge goes on: the first thing tried. */
static void test_directed_double_fulfillment(void **state)
{
	struct stories stories = {0};
	struct expedition expedition = expedition_with("directed", &shop, 8);
	(void)state;
	expedition.visit = tell;
	expedition.context = &stories;
	expedition_run(&expedition);
	assert_string_equal(stories.told[0], "c1c2c3w1w2w3");
	assert_string_equal(stories.told[1], "c1w1w2w3c2c3");
	assert_false(expedition.exhaustion.exhausted);
}

static void test_auto_double_fulfillment(void **state)
{
	struct stories stories = {0};
	struct expedition expedition = expedition_with("auto", &shop, 2);
	(void)state;
	expedition.visit = tell;
	expedition.context = &stories;
	expedition_run(&expedition);
	assert_string_equal(stories.told[0], "c1c2c3w1w2w3");
	assert_string_equal(stories.told[1], "c1w1w2w3c2c3");
}

static bool is_fulfilled;

/* Who finds the order fulfilled does not write. */
static int64_t fulfill_once(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	(void)context;
	(void)task;
	if (op->op == OP_CREATE)
		is_fulfilled = false;
	if (op->statement == SELECT_ORDER)
		return is_fulfilled;
	is_fulfilled |= op->statement == UPDATE_ORDER;
	return result;
}

static const struct simulator_op check_then_act[] = {
	{.op = OP_SQLITE_STEP, .object = 1, .statement = SELECT_ORDER, .on_failure = 1}, SQL(UPDATE_ORDER)};
static const struct simulator_task checking_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("charge", check_then_act), SIMULATOR_TASK("webhook", check_then_act)};

/* The second unit does not write when it comes after the first: all the same it is to come in between. */
static void test_directed_reader_would_write(void **state)
{
	struct simulator_program program = {.tasks = checking_tasks, .ntasks = 3, .objects = database, .nobjects = 1,
		.statements = statements, .performed = fulfill_once};
	struct stories stories = {0};
	struct expedition expedition = expedition_with("auto", &program, 2);
	(void)state;
	expedition.visit = tell;
	expedition.context = &stories;
	expedition_run(&expedition);
	assert_string_equal(stories.told[0], "c1c2w1");
	assert_string_equal(stories.told[1], "c1w1w2c2");
}

static const struct simulator_op merge[] = {SQL(BEGIN), SQL(UPDATE_ORDER), SQL(COMMIT)};
static const struct simulator_op give_back_first[] = {SQL(SELECT_ORDER), SQL(GIVE_BACK), SQL(UPDATE_ORDER)};
static const struct simulator_op ship_first[] = {SQL(SELECT_ORDER), SQL(SHIP), SQL(UPDATE_ORDER)};
static const struct simulator_op give_back_early[] = {SQL(BEGIN), SQL(UPDATE_ORDER), SQL(GIVE_BACK), SQL(COMMIT)};

/* What two tasks that do the same do in the second execution. */
static const char *second_story(const struct simulator_op *ops, uint32_t nops)
{
	const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children),
		{.name = "charge", .ops = ops, .nops = nops}, {.name = "webhook", .ops = ops, .nops = nops}};
	struct simulator_program program = {.tasks = tasks, .ntasks = 3, .objects = database, .nobjects = 1,
		.statements = statements};
	static struct stories stories;
	struct expedition expedition = expedition_with("auto", &program, 2);
	stories.n = 0;
	expedition.visit = tell;
	expedition.context = &stories;
	expedition_run(&expedition);
	return stories.told[1];
}

/* Who looks before the commit does not see what is changed, whatever lock was given back. */
static void test_directed_before_commit(void **state)
{
	(void)state;
	assert_string_equal(second_story(merge, 3), "c6c2w6w2w7c7");
	assert_string_equal(second_story(give_back_early, 4), "c6c2c8w6w2w8w7c7");
}

/* A table that is read and then written comes before what a lock or a trigger may have to do with it. */
static void test_directed_named_tables_first(void **state)
{
	(void)state;
	assert_string_equal(second_story(give_back_first, 3), "c1c8w1w8w2c2");
	assert_string_equal(second_story(ship_first, 3), "c1c9w1w9w2c2");
}

static const struct simulator_op skew_left[] = {SQL(SELECT_ORDER), SQL(SELECT_STOCK), SQL(UPDATE_STOCK)};
static const struct simulator_op skew_right[] = {SQL(SELECT_ORDER), SQL(SELECT_STOCK), SQL(UPDATE_ORDER)};
static const struct simulator_task skew_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("left", skew_left), SIMULATOR_TASK("right", skew_right)};
static const struct simulator_program skew = {.tasks = skew_tasks, .ntasks = 3, .objects = database, .nobjects = 1,
	.statements = statements};

static bool find_story(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	char told[64];
	(void)draft;
	return strcmp(story_of(trace, told), context) != 0;
}

/* Each reads what the other writes: both must have read before either writes. */
static void test_directed_write_skew(void **state)
{
	struct expedition expedition = expedition_with("directed", &skew, 6);
	(void)state;
	expedition.visit = find_story;
	expedition.context = "l1l4r1r4r2l5";
	expedition_run(&expedition);
	assert_in_range(expedition.executions, 2, 5);
}

static uint32_t rounds_left[4];

/* Each task goes round a hundred times. */
static int64_t go_round(void *context, uint32_t task, const struct simulator_op *op, int64_t result)
{
	(void)context;
	if (op->op == OP_CREATE)
		rounds_left[op->object] = 100;
	return op->statement == UPDATE_ORDER && --rounds_left[task] > 0 ? 1 : result;
}

static const struct simulator_op rounds[] = {SQL(SELECT_ORDER),
	{.op = OP_SQLITE_STEP, .object = 1, .statement = UPDATE_ORDER, .on_failure = -2}};
static const struct simulator_task round_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("left", rounds), SIMULATOR_TASK("right", rounds)};

/* Hundreds of rounds are the same few suspicions. */
static void test_directed_loops_do_not_flood(void **state)
{
	struct simulator_program program = {.tasks = round_tasks, .ntasks = 3, .objects = database, .nobjects = 1,
		.statements = statements, .performed = go_round};
	struct expedition expedition = expedition_with("directed", &program, 1000);
	(void)state;
	expedition_run(&expedition);
	assert_true(expedition.done);
	assert_in_range(expedition.executions, 5, 60);
}

static const struct simulator_object mutexes[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}};
static const struct simulator_op abba_left[] = {LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op abba_right[] = {LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2)};
static const struct simulator_task abba_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("left", abba_left), SIMULATOR_TASK("right", abba_right)};
static const struct simulator_program abba = SIMULATOR_PROGRAM(abba_tasks, mutexes);

static void test_directed_lock_order(void **state)
{
	struct expedition expedition = expedition_with("directed", &abba, 10);
	(void)state;
	expedition_run(&expedition);
	assert_int_equal(expedition.first[OUTCOME_DEADLOCK], 2);
}

static const struct simulator_object forks[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}};
static const struct simulator_op table[] = {CREATE(2), CREATE(3), CREATE(4)};
static const struct simulator_op dines_1[] = {LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op dines_2[] = {LOCK(2), LOCK(3), UNLOCK(3), UNLOCK(2)};
static const struct simulator_op dines_3[] = {LOCK(3), LOCK(1), UNLOCK(1), UNLOCK(3)};
static const struct simulator_task philosophers[] = {SIMULATOR_TASK("main", table), SIMULATOR_TASK("one", dines_1),
	SIMULATOR_TASK("two", dines_2), SIMULATOR_TASK("three", dines_3)};
static const struct simulator_program dinner = SIMULATOR_PROGRAM(philosophers, forks);

/* Three tasks, each about to take what the next one has. */
static void test_directed_lock_cycle(void **state)
{
	struct expedition expedition = expedition_with("directed", &dinner, 10);
	(void)state;
	expedition_run(&expedition);
	assert_int_equal(expedition.first[OUTCOME_DEADLOCK], 2);
}

/* The waiter does not look whether the signal has been sent already. */
static const struct simulator_object cond_objects[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_COND}};
static const struct simulator_op waiter[] = {LOCK(1), WAIT(2, 1), UNLOCK(1)};
static const struct simulator_op signaller[] = {LOCK(1), SIGNAL(2), UNLOCK(1)};
static const struct simulator_task lost_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("waiter", waiter), SIMULATOR_TASK("signaller", signaller)};
static const struct simulator_program lost_signal = SIMULATOR_PROGRAM(lost_tasks, cond_objects);

static void test_directed_lost_signal(void **state)
{
	struct expedition expedition = expedition_with("directed", &lost_signal, 10);
	(void)state;
	expedition_run(&expedition);
	assert_in_range(expedition.first[OUTCOME_DEADLOCK], 2, 6);
}

/* The creator still prepares something when its child has begun: the child comes first once. */
static const struct simulator_op parent[] = {CREATE(2), LOCK(1), UNLOCK(1), JOIN(2)};
static const struct simulator_op child[] = {LOCK(1), UNLOCK(1)};
static const struct simulator_task early_tasks[] = {SIMULATOR_TASK("main", parent), SIMULATOR_TASK("child", child)};
static const struct simulator_program early = SIMULATOR_PROGRAM(early_tasks, mutexes);

static bool find_early(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	(void)context;
	(void)draft;
	for (uint32_t i = 0; i < trace->nsteps; i++)
		if (trace_step_announce(trace, i)->request.op == OP_MUTEX_LOCK)
			return trace->steps[i].task == 1;
	return true;
}

static void test_directed_early_child(void **state)
{
	struct expedition expedition = expedition_with("directed", &early, 10);
	(void)state;
	expedition.visit = find_early;
	expedition_run(&expedition);
	assert_int_equal(expedition.executions, 2);
}

/* A lock given back and taken again, with a foreign critical section in between. */
static const struct simulator_op twice[] = {LOCK(1), UNLOCK(1), LOCK(1), UNLOCK(1)};
static const struct simulator_op once[] = {LOCK(1), UNLOCK(1)};
static const struct simulator_task relock_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("twice", twice), SIMULATOR_TASK("once", once)};
static const struct simulator_program relock = SIMULATOR_PROGRAM(relock_tasks, mutexes);

static bool find_between(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	char order[4] = "";
	uint32_t n = 0;
	(void)context;
	(void)draft;
	for (uint32_t i = 0; i < trace->nsteps && n < 3; i++)
		if (trace_step_announce(trace, i)->request.op == OP_MUTEX_LOCK)
			order[n++] = trace_task_name(trace, trace->steps[i].task)[0];
	return strcmp(order, "tot") != 0;
}

static void test_directed_relock(void **state)
{
	struct expedition expedition = expedition_with("directed", &relock, 10);
	(void)state;
	expedition.visit = find_between;
	expedition_run(&expedition);
	assert_in_range(expedition.executions, 2, 4);
}

/* Two things that belong together, each under a lock of its own. */
static const struct simulator_op both_in_turn[] = {LOCK(1), UNLOCK(1), LOCK(2), UNLOCK(2)};
static const struct simulator_task stage_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("writer", both_in_turn), SIMULATOR_TASK("reader", both_in_turn)};
static const struct simulator_program two_stages = SIMULATOR_PROGRAM(stage_tasks, mutexes);

static bool find_torn(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	char order[5] = "";
	uint32_t n = 0;
	(void)context;
	(void)draft;
	for (uint32_t i = 0; i < trace->nsteps && n < 4; i++)
		if (trace_step_announce(trace, i)->request.op == OP_MUTEX_LOCK)
			order[n++] = trace_task_name(trace, trace->steps[i].task)[0];
	return strcmp(order, "wrrw") != 0;
}

static void test_directed_two_stages(void **state)
{
	struct expedition expedition = expedition_with("directed", &two_stages, 10);
	(void)state;
	expedition.visit = find_torn;
	expedition_run(&expedition);
	assert_in_range(expedition.executions, 2, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directed_double_fulfillment),
		cmocka_unit_test(test_auto_double_fulfillment),
		cmocka_unit_test(test_directed_reader_would_write),
		cmocka_unit_test(test_directed_before_commit),
		cmocka_unit_test(test_directed_named_tables_first),
		cmocka_unit_test(test_directed_write_skew),
		cmocka_unit_test(test_directed_loops_do_not_flood),
		cmocka_unit_test(test_directed_lock_order),
		cmocka_unit_test(test_directed_lock_cycle),
		cmocka_unit_test(test_directed_lost_signal),
		cmocka_unit_test(test_directed_early_child),
		cmocka_unit_test(test_directed_relock),
		cmocka_unit_test(test_directed_two_stages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
