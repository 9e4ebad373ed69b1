/*
 * Strategies beside depth-first search: what they try first, what they find on toy programs, how they end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "expedition.h"

#define CREATE(task_) {.op = OP_CREATE, .object = task_}
#define JOIN(task_) {.op = OP_JOIN, .object = task_}
#define LOCK(mutex_) {.op = OP_MUTEX_LOCK, .object = mutex_}
#define UNLOCK(mutex_) {.op = OP_MUTEX_UNLOCK, .object = mutex_}
#define SQL(statement_) {.op = OP_SQLITE_STEP, .object = 1, .statement = statement_}

enum { SELECT_ORDER = 1, UPDATE_ORDER, INSERT_ITEM, SELECT_STOCK, UPDATE_STOCK, STATEMENTS };
enum { ORDERS = 100, ITEMS, STOCK };

static const struct statement statements[STATEMENTS + 1] = {
	[SELECT_ORDER] = {.hash = 1, .kind = STATEMENT_READ, .ntables = 1, .tables = {{.table = ORDERS, .reads = 1}}},
	[UPDATE_ORDER] = {.hash = 2, .kind = STATEMENT_WRITE, .ntables = 1,
		.tables = {{.table = ORDERS, .reads = 1, .writes = 1}}},
	[INSERT_ITEM] = {.hash = 3, .kind = STATEMENT_WRITE, .ntables = 1, .tables = {{.table = ITEMS, .writes = 1}}},
	[SELECT_STOCK] = {.hash = 4, .kind = STATEMENT_READ, .ntables = 1, .tables = {{.table = STOCK, .reads = 1}}},
	[UPDATE_STOCK] = {.hash = 5, .kind = STATEMENT_WRITE, .ntables = 1,
		.tables = {{.table = STOCK, .reads = 1, .writes = 1}}},
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

static const struct simulator_object mutexes[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}};
static const struct simulator_op abba_left[] = {LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op abba_right[] = {LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2)};
static const struct simulator_task abba_tasks[] = {SIMULATOR_TASK("main", two_children),
	SIMULATOR_TASK("left", abba_left), SIMULATOR_TASK("right", abba_right)};
static const struct simulator_program abba = SIMULATOR_PROGRAM(abba_tasks, mutexes);

static const struct simulator_op parent[] = {CREATE(2), LOCK(1), UNLOCK(1), JOIN(2)};
static const struct simulator_op child[] = {LOCK(1), UNLOCK(1)};
static const struct simulator_task early_tasks[] = {SIMULATOR_TASK("main", parent), SIMULATOR_TASK("child", child)};
static const struct simulator_program early = SIMULATOR_PROGRAM(early_tasks, mutexes);

/* Small programs are exhausted, and then it is said, whatever else was tried in between. */
static void test_auto_exhausts(void **state)
{
	struct expedition expedition = expedition_with("auto", &early, 100000);
	(void)state;
	expedition_run(&expedition);
	assert_true(expedition.done);
	assert_true(expedition.exhaustion.exhausted);
	assert_int_equal(expedition.exhaustion.bound, BOUND_NONE);
	assert_true(expedition.exhaustion.fraction_left == 0);
	assert_true(expedition.executions < 200);
}

static void test_auto_ends_at_its_maximum(void **state)
{
	struct expedition expedition = expedition_with("auto", &shop, 100);
	(void)state;
	expedition.max = 1000;
	expedition_run(&expedition);
	assert_true(expedition.done);
	assert_int_equal(expedition.executions, 100);
}

static void test_auto_pipelined(void **state)
{
	(void)state;
	for (uint32_t in_flight = 2; in_flight < 6; in_flight++) {
		struct expedition expedition = expedition_with("auto", &early, 100000);
		expedition.in_flight = in_flight;
		expedition_run(&expedition);
		assert_true(expedition.done);
		assert_true(expedition.exhaustion.exhausted);
		assert_int_equal(expedition.exhaustion.bound, BOUND_NONE);
	}
}

struct samples {
	uint32_t n, chooser, depths;
	uint64_t seeds[64];
};

static bool note_plan(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	struct samples *samples = context;
	(void)trace;
	assert_int_equal(draft->plan.chooser, samples->chooser);
	assert_int_equal(draft->nprefix, 0);
	for (uint32_t i = 0; i < samples->n; i++)
		assert_int_not_equal(samples->seeds[i], draft->plan.choices);
	samples->depths |= 1u << draft->plan.depth;
	samples->seeds[samples->n++] = draft->plan.choices;
	return true;
}

static void test_samples(void **state)
{
	static const struct {
		const char *name;
		uint32_t chooser, depths;
	} rows[] = {{"random", CHOOSER_RANDOM, 1}, {"pos", CHOOSER_POS, 1},
		{"pct", CHOOSER_PCT, 1u << 2 | 1u << 3 | 1u << 4}};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct samples samples = {.chooser = rows[i].chooser}, again = samples;
		struct expedition expedition = expedition_with(rows[i].name, &abba, 50), repeated = expedition;
		expedition.max = repeated.max = 1000;
		expedition.visit = repeated.visit = note_plan;
		expedition.context = &samples;
		repeated.context = &again;
		expedition_run(&expedition);
		expedition_run(&repeated);
		assert_true(expedition.done);
		assert_int_equal(expedition.executions, 50);
		assert_false(expedition.exhaustion.exhausted);
		assert_int_equal(samples.depths, rows[i].depths);
		assert_true(expedition.distinct > 5);
		assert_int_equal(expedition.distinct, repeated.distinct);
		assert_memory_equal(samples.seeds, again.seeds, sizeof(samples.seeds));
	}
}

static bool note_depth(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	uint32_t *length = context;
	assert_int_equal(draft->plan.depth, 5);
	assert_int_equal(draft->plan.length, *length ? *length : 100);
	*length = trace->nsteps > *length ? trace->nsteps : *length;
	return true;
}

static void test_pct_depth_and_length(void **state)
{
	uint32_t length = 0;
	struct expedition expedition = expedition_with("pct", &shop, 5);
	(void)state;
	expedition.options.depth = 5;
	expedition.visit = note_depth;
	expedition.context = &length;
	expedition_run(&expedition);
}

static bool note_order(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	uint32_t *n = context;
	(void)trace;
	assert_int_equal(draft->plan.chooser, CHOOSER_SERIAL);
	assert_int_equal(draft->plan.norder, *n == 0 ? 0 : 2);
	++*n;
	return true;
}

/* Two units have two orders. */
static void test_serial(void **state)
{
	uint32_t n = 0;
	struct expedition expedition = expedition_with("serial", &shop, 100);
	(void)state;
	expedition.visit = note_order;
	expedition.context = &n;
	expedition_run(&expedition);
	assert_true(expedition.done);
	assert_int_equal(expedition.executions, 2);
	assert_true(expedition.exhaustion.exhausted);
	assert_string_equal(expedition.exhaustion.what, "serial orders");
}

static bool note_permutation(void *context, const struct trace *trace, const struct plan_draft *draft)
{
	uint64_t (*orders)[3] = context;
	(void)trace;
	uint32_t n = (uint32_t)draft->plan.number - 1;
	if (n > 0)
		memcpy(orders[n], draft->plan.order, 3 * sizeof(uint64_t));
	for (uint32_t i = 1; i < n; i++)
		assert_memory_not_equal(orders[i], orders[n], 3 * sizeof(uint64_t));
	return true;
}

static const struct simulator_op three_children[] = {CREATE(2), CREATE(3), CREATE(4)};
static const struct simulator_task three_tasks[] = {SIMULATOR_TASK("main", three_children),
	SIMULATOR_TASK("one", fulfill), SIMULATOR_TASK("two", fulfill), SIMULATOR_TASK("three", fulfill)};
static const struct simulator_program three = {.tasks = three_tasks, .ntasks = 4, .objects = database, .nobjects = 1,
	.statements = statements};

static void test_serial_permutations(void **state)
{
	uint64_t orders[7][3] = {{0}};
	struct expedition expedition = expedition_with("serial", &three, 100);
	(void)state;
	expedition.visit = note_permutation;
	expedition.context = orders;
	expedition_run(&expedition);
	assert_int_equal(expedition.executions, 6);
	assert_int_equal(orders[1][0], orders[2][1]); /* the reverse comes first */
}

static void test_first(void **state)
{
	struct expedition expedition = expedition_with("first", &shop, 10);
	(void)state;
	expedition_run(&expedition);
	assert_true(expedition.done);
	assert_int_equal(expedition.executions, 1);
	assert_int_equal(expedition.max_cost, 0);
}

static void test_registry(void **state)
{
	(void)state;
	assert_null(strategy_find("nothing"));
	for (size_t i = 0; strategy_list()[i]; i++)
		assert_ptr_equal(strategy_find(strategy_list()[i]->name), strategy_list()[i]);
	struct strategy_options options = {.chooser = "pos"};
	assert_int_equal(strategy_chooser(&options, CHOOSER_FIRST), CHOOSER_POS);
	options.chooser = "unheard of";
	assert_int_equal(strategy_chooser(&options, CHOOSER_PCT), CHOOSER_PCT);
}

static void test_draft(void **state)
{
	struct plan_draft draft = {.plan = {.number = 5, .seed = 3}};
	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(plan_draft_add(&draft, (struct directive){.value = i}), 0);
	assert_int_equal(draft.nprefix, 1000);
	assert_int_equal(draft.plan.nprefix, 1000);
	assert_int_equal(draft.prefix[999].value, 999);
	plan_draft_clear(&draft);
	assert_int_equal(draft.plan.number, 5);
	assert_int_equal(draft.plan.seed, 0);
	assert_int_equal(draft.nprefix, 0);
	plan_draft_free(&draft);
	assert_null(draft.prefix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auto_exhausts),
		cmocka_unit_test(test_auto_ends_at_its_maximum),
		cmocka_unit_test(test_auto_pipelined),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_pct_depth_and_length),
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_serial_permutations),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_draft),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
