/*
 * Detectors: what they say of failing executions, and that they are silent on good ones.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "expedition.h"
#include "explorer/detect/detector.h"
#include "explorer/object_label.h"

#define CREATE(task_) {.op = OP_CREATE, .object = task_}
#define JOIN(task_) {.op = OP_JOIN, .object = task_}
#define LOCK(mutex_) {.op = OP_MUTEX_LOCK, .object = mutex_}
#define TRYLOCK(mutex_) {.op = OP_MUTEX_TRYLOCK, .object = mutex_}
#define UNLOCK(mutex_) {.op = OP_MUTEX_UNLOCK, .object = mutex_}
#define YIELD {.op = OP_YIELD}

static const struct simulator_object objects[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX}, {.kind = OBJECT_MUTEX},
	{.kind = OBJECT_COND}, {.kind = OBJECT_SEM}, {.kind = OBJECT_RWLOCK}, {.kind = OBJECT_SEM, .count = 1},
	{.kind = OBJECT_BARRIER, .limit = 3}};
enum { COND = 4, SEM, RWLOCK, SEM_ONE, BARRIER };

/* The finding of one detector on the program left alone; NULL: none. Its trace is closed already. */
static struct finding *judge(const struct detector *detector, const struct simulator_task *tasks, uint32_t ntasks)
{
	struct simulator_program program = {.tasks = tasks, .ntasks = ntasks, .objects = objects,
		.nobjects = sizeof(objects) / sizeof(objects[0])};
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	struct trace *trace = expedition_trace(&program, &plan, NULL);
	struct finding_list list = {0};
	assert_int_equal(detector->judge(trace, &list), 0);
	assert_in_range(list.n, 0, 1);
	struct finding *finding = list.n ? list.items[0] : NULL;
	list.n = 0;
	finding_list_clear(&list);
	trace_close(trace);
	return finding;
}

static void assert_deadlock(const struct simulator_task *tasks, uint32_t ntasks, const char *message,
	const char *class, const char *subject)
{
	struct finding *finding = judge(&detector_deadlock, tasks, ntasks);
	assert_non_null(finding);
	assert_string_equal(finding->kind, "deadlock");
	assert_string_equal(finding->message, message);
	assert_string_equal(finding->class, class);
	assert_string_equal(finding->subject, subject);
	assert_true(finding->nplaces > 0);
	for (uint32_t i = 0; i < finding->nplaces; i++)
		assert_true(finding->places[i].npcs > 0);
	finding_close(finding);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct simulator_op two_children[] = {CREATE(2), CREATE(3), JOIN(2), JOIN(3)};
static const struct simulator_op one_child[] = {CREATE(2), JOIN(2)};

static const struct simulator_op left_yields[] = {LOCK(1), YIELD, LOCK(2), UNLOCK(2), UNLOCK(1)};
static const struct simulator_op right[] = {LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2)};

static void test_abba(void **state)
{
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children),
		SIMULATOR_TASK("t1", left_yields), SIMULATOR_TASK("t2", right)};
	(void)state;
	assert_deadlock(tasks, 3, "deadlock: t1 waits for mutex#2 held by t2, t2 waits for mutex#1 held by t1", "cycle",
		"mutex");
	struct finding *finding = judge(&detector_deadlock, tasks, 3);
	assert_int_equal(finding->nplaces, 4);
	assert_string_equal(finding->places[0].role, "t1 waits for mutex#2 held by t2");
	assert_string_equal(finding->places[1].role, "t2 acquired mutex#2");
	assert_string_equal(finding->places[3].role, "t1 acquired mutex#1");
	assert_int_equal(finding->places[2].task, 3);
	finding_close(finding);
}

static void test_self(void **state)
{
	static const struct simulator_op twice[] = {LOCK(1), LOCK(1)};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", one_child), SIMULATOR_TASK("t1", twice)};
	(void)state;
	assert_deadlock(tasks, 2, "deadlock: t1 waits for mutex#1 held by itself", "self-deadlock", "mutex");
}

static void test_lost_signal(void **state)
{
	static const struct simulator_op waits[] = {LOCK(1), {.op = OP_COND_WAIT, .object = COND, .second = 1}, UNLOCK(1)};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", one_child), SIMULATOR_TASK("t1", waits)};
	(void)state;
	assert_deadlock(tasks, 2, "deadlock: t1 waits for a signal on cond#1 that nobody is left to send, main waits for t1"
		" to end", "lost signal", "cond");
}

/* It was woken, but who woke it keeps the mutex. */
static void test_woken_without_mutex(void **state)
{
	static const struct simulator_op waits[] = {LOCK(1), {.op = OP_COND_WAIT, .object = COND, .second = 1}, UNLOCK(1)};
	static const struct simulator_op signals[] = {LOCK(1), {.op = OP_COND_SIGNAL, .object = COND}};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children), SIMULATOR_TASK("t1", waits),
		SIMULATOR_TASK("t2", signals)};
	(void)state;
	assert_deadlock(tasks, 3, "deadlock: t1 waits for mutex#1 held by t2 (which has ended), main waits for t1 to end",
		"held by an ended task", "mutex");
}

static void test_join_cycle(void **state)
{
	static const struct simulator_op joins_main[] = {JOIN(1)};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", one_child),
		SIMULATOR_TASK("t1", joins_main)};
	(void)state;
	assert_deadlock(tasks, 2, "deadlock: main waits for t1 to end, t1 waits for main to end", "cycle", "task");
}

static void test_semaphore(void **state)
{
	static const struct simulator_op waits[] = {{.op = OP_SEM_WAIT, .object = SEM}};
	static const struct simulator_op taken[] = {{.op = OP_SEM_WAIT, .object = SEM_ONE},
		{.op = OP_SEM_WAIT, .object = SEM_ONE}};
	static const struct simulator_task never[] = {SIMULATOR_TASK("main", one_child), SIMULATOR_TASK("t1", waits)};
	static const struct simulator_task twice[] = {SIMULATOR_TASK("main", one_child), SIMULATOR_TASK("t1", taken)};
	(void)state;
	assert_deadlock(never, 2, "deadlock: t1 waits for semaphore#1 that nobody is left to post, main waits for t1 to end",
		"nobody left", "semaphore");
	assert_deadlock(twice, 2, "deadlock: t1 waits for semaphore#1 held by itself", "self-deadlock", "semaphore");
}

static void test_rwlock_upgrade(void **state)
{
	static const struct simulator_op upgrade[] = {{.op = OP_RWLOCK_RDLOCK, .object = RWLOCK}, YIELD,
		{.op = OP_RWLOCK_WRLOCK, .object = RWLOCK}};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children), SIMULATOR_TASK("t1", upgrade),
		SIMULATOR_TASK("t2", upgrade)};
	struct finding *finding = judge(&detector_deadlock, tasks, 3);
	(void)state;
	assert_non_null(finding);
	assert_non_null(strstr(finding->message, "rwlock#1 held by"));
	assert_string_equal(finding->subject, "rwlock");
	finding_close(finding);
}

static void test_barrier(void **state)
{
	static const struct simulator_op arrives[] = {{.op = OP_BARRIER_WAIT, .object = BARRIER}};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children), SIMULATOR_TASK("t1", arrives),
		SIMULATOR_TASK("t2", arrives)};
	(void)state;
	assert_deadlock(tasks, 3, "deadlock: t1 waits at barrier#1 for others that never arrive, t2 waits at barrier#1 for"
		" others that never arrive, main waits for t1 to end", "nobody left", "barrier");
}

/* A trylock that failed holds nothing. */
static void test_trylock_holds_nothing(void **state)
{
	static const struct simulator_op tries[] = {TRYLOCK(1), LOCK(2), YIELD, {.op = OP_SEM_WAIT, .object = SEM}};
	static const struct simulator_op holds[] = {LOCK(1), YIELD, LOCK(2)};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children), SIMULATOR_TASK("t1", holds),
		SIMULATOR_TASK("t2", tries)};
	struct finding *finding = judge(&detector_deadlock, tasks, 3);
	(void)state;
	assert_non_null(finding);
	assert_non_null(strstr(finding->message, "t1 waits for mutex#2 held by t2"));
	assert_null(strstr(finding->message, "mutex#1"));
	assert_string_equal(finding->class, "nobody left");
	finding_close(finding);
}

static void test_good_program(void **state)
{
	static const struct simulator_op section[] = {LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children), SIMULATOR_TASK("t1", section),
		SIMULATOR_TASK("t2", section)};
	(void)state;
	for (size_t i = 0; detector_list()[i]; i++)
		assert_null(judge(detector_list()[i], tasks, 3));
	assert_null(judge(&detector_lock_order, tasks, 3));
}

static const struct simulator_op left[] = {LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};

static void test_lock_order(void **state)
{
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", two_children), SIMULATOR_TASK("t1", left),
		SIMULATOR_TASK("t2", right)};
	struct finding *finding = judge(&detector_lock_order, tasks, 3);
	(void)state;
	assert_non_null(finding);
	assert_string_equal(finding->message, "lock-order: t1 takes mutex#2 while it holds mutex#1, t2 takes mutex#1 while it"
		" holds mutex#2: they can block each other");
	assert_int_equal(finding->nplaces, 4);
	finding_close(finding);
	for (size_t i = 0; detector_list()[i]; i++)
		assert_ptr_not_equal(detector_list()[i], &detector_lock_order);
}

/* Three locks, each task takes two of them. */
static void test_lock_order_of_three(void **state)
{
	static const struct simulator_op three[] = {CREATE(2), CREATE(3), CREATE(4)};
	static const struct simulator_op first[] = {LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1)};
	static const struct simulator_op second[] = {LOCK(2), LOCK(3), UNLOCK(3), UNLOCK(2)};
	static const struct simulator_op third[] = {LOCK(3), LOCK(1), UNLOCK(1), UNLOCK(3)};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", three), SIMULATOR_TASK("t1", first),
		SIMULATOR_TASK("t2", second), SIMULATOR_TASK("t3", third)};
	struct finding *finding = judge(&detector_lock_order, tasks, 4);
	(void)state;
	assert_non_null(finding);
	assert_int_equal(finding->nplaces, 6);
	finding_close(finding);
}

static void test_lock_order_filters(void **state)
{
	static const struct simulator_op gate_left[] = {LOCK(3), LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1), UNLOCK(3)};
	static const struct simulator_op gate_right[] = {LOCK(3), LOCK(2), LOCK(1), UNLOCK(1), UNLOCK(2), UNLOCK(3)};
	static const struct simulator_op alone[] = {LOCK(1), LOCK(2), UNLOCK(2), UNLOCK(1), LOCK(2), LOCK(1), UNLOCK(1),
		UNLOCK(2)};
	static const struct simulator_op tries[] = {LOCK(2), TRYLOCK(1), UNLOCK(1), UNLOCK(2)};
	static const struct simulator_op in_turn[] = {CREATE(2), JOIN(2), CREATE(3), JOIN(3)};
	static const struct simulator_task gated[] = {SIMULATOR_TASK("main", two_children),
		SIMULATOR_TASK("t1", gate_left), SIMULATOR_TASK("t2", gate_right)};
	static const struct simulator_task single[] = {SIMULATOR_TASK("main", one_child), SIMULATOR_TASK("t1", alone)};
	static const struct simulator_task trying[] = {SIMULATOR_TASK("main", two_children), SIMULATOR_TASK("t1", left),
		SIMULATOR_TASK("t2", tries)};
	static const struct simulator_task ordered[] = {SIMULATOR_TASK("main", in_turn), SIMULATOR_TASK("t1", left),
		SIMULATOR_TASK("t2", right)};
	(void)state;
	assert_null(judge(&detector_lock_order, gated, 3));
	assert_null(judge(&detector_lock_order, single, 2));
	assert_null(judge(&detector_lock_order, trying, 3));
	assert_null(judge(&detector_lock_order, ordered, 3));
}

/* A trace of a program that only creates and joins, with another ending. */
static struct trace *ending(uint32_t outcome, int status)
{
	static const struct simulator_op nothing[] = {YIELD};
	static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", one_child), SIMULATOR_TASK("t1", nothing)};
	struct simulator_program program = {.tasks = tasks, .ntasks = 2};
	struct plan plan = simulator_plan(CHOOSER_FIRST, 1);
	struct trace *trace = expedition_trace(&program, &plan, NULL);
	trace->result.outcome = outcome;
	trace->result.status = status;
	return trace;
}

static void assert_one(struct trace *trace, const char *kind, const char *words)
{
	struct finding_list list = {0};
	assert_int_equal(detector_judge(trace, &list), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.items[0]->kind, kind);
	assert_non_null(strstr(list.items[0]->message, words));
	assert_non_null(list.items[0]->subject);
	assert_true(list.items[0]->serial);
	finding_list_clear(&list);
	trace_close(trace);
}

static void test_endings(void **state)
{
	struct finding_list list = {0};
	(void)state;
	assert_one(ending(OUTCOME_SIGNALED, SIGSEGV), "crash", "SIGSEGV");
	assert_one(ending(OUTCOME_EXITED, 3 << 8), "exit", "exit status 3");
	assert_one(ending(OUTCOME_HANG, 0), "hang", "neither reached");
	assert_one(ending(OUTCOME_LIVELOCK, 0), "livelock", "main");
	struct trace *trace = ending(OUTCOME_EXITED, 0);
	assert_int_equal(detector_judge(trace, &list), 0);
	assert_int_equal(list.n, 0);
	trace_close(trace);
	trace = ending(OUTCOME_LIMIT, 0);
	assert_int_equal(detector_judge(trace, &list), 0);
	assert_int_equal(list.n, 0);
	trace_close(trace);
}

static void test_failures(void **state)
{
	struct trace_fail fails[3] = {
		{.what = FAIL_ASSERT, .task = 2, .text = "x > 0", .file = "a.c", .function = "f", .site = 7},
		{.what = FAIL_ASSERT, .task = 2, .text = "x > 0", .file = "a.c", .function = "f", .site = 7},
		{.what = FAIL_ASSERT, .task = 2, .text = "y > 0", .file = "a.c", .function = "f", .site = 7}};
	static const struct {
		uint32_t what;
		const char *kind;
	} kinds[] = {{FAIL_ASSERT, "assert"}, {FAIL_CHECK, "check"}, {FAIL_MISUSE, "misuse"}, {FAIL_ABORT, "crash"},
		{FAIL_TERMINATE, "crash"}};
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		bool ends = kinds[i].what != FAIL_CHECK && kinds[i].what != FAIL_MISUSE;
		struct trace *trace = ending(ends ? OUTCOME_SIGNALED : OUTCOME_EXITED, ends ? SIGABRT : 0);
		fails[0].what = kinds[i].what;
		trace->fails = fails;
		trace->nfails = 1;
		assert_one(trace, kinds[i].kind, "x > 0, in t1");
	}
	struct finding_list list = {0};
	struct trace *trace = ending(OUTCOME_SIGNALED, SIGABRT);
	fails[0].what = FAIL_ASSERT;
	trace->fails = fails;
	trace->nfails = 3;
	assert_int_equal(detector_judge(trace, &list), 0);
	assert_int_equal(list.n, 2); /* the same failure once */
	assert_int_equal(list.items[0]->places[0].pcs[0], 7);
	finding_list_clear(&list);
	trace_close(trace);
}

/* Whether it took a preemption is said of every finding. */
static void test_serial(void **state)
{
	struct trace *trace = ending(OUTCOME_EXITED, 1 << 8);
	struct finding_list list = {0};
	(void)state;
	trace->steps[0].cost = 1;
	assert_int_equal(detector_judge(trace, &list), 0);
	assert_int_equal(list.n, 1);
	assert_false(list.items[0]->serial);
	finding_list_clear(&list);
	trace_close(trace);
}

static void test_labels(void **state)
{
	struct trace_object three[4] = {{0}, {.id = 1, .kind = OBJECT_MUTEX, .name = ""},
		{.id = 2, .kind = OBJECT_DATABASE, .name = "data/shop.db"}, {.id = 3, .kind = OBJECT_MUTEX, .name = ""}};
	struct trace_task one[2] = {{0}, {.id = 1, .object = 9, .name = "main"}};
	struct trace trace = {.objects = three, .nobjects = 3, .tasks = one, .ntasks = 1};
	char label[OBJECT_LABEL_BYTES], cut[6];
	(void)state;
	assert_string_equal(object_label(&trace, 1, label, sizeof(label)), "mutex#1");
	assert_string_equal(object_label(&trace, 3, label, sizeof(label)), "mutex#2");
	assert_string_equal(object_label(&trace, 2, label, sizeof(label)), "shop.db");
	assert_string_equal(object_label(&trace, 2, cut, sizeof(cut)), "shop.");
	assert_string_equal(object_label(&trace, 99, label, sizeof(label)), "nothing");
	assert_string_equal(object_label_class(&trace, 3), "mutex");
	assert_string_equal(object_label_class(&trace, 2), "shop.db");
	three[1].kind = OBJECT_TASK;
	one[1].object = 1;
	assert_string_equal(object_label(&trace, 1, label, sizeof(label)), "main");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abba),
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_lost_signal),
		cmocka_unit_test(test_woken_without_mutex),
		cmocka_unit_test(test_join_cycle),
		cmocka_unit_test(test_semaphore),
		cmocka_unit_test(test_rwlock_upgrade),
		cmocka_unit_test(test_barrier),
		cmocka_unit_test(test_trylock_holds_nothing),
		cmocka_unit_test(test_good_program),
		cmocka_unit_test(test_lock_order),
		cmocka_unit_test(test_lock_order_of_three),
		cmocka_unit_test(test_lock_order_filters),
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_labels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
