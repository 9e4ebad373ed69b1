/*
 * Reading traces: what the records say comes out, and no bytes whatever do harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "control_block.h"
#include "explorer/trace_read.h"
#include "simulator.h"

/* A trace written by hand. */
struct bytes {
	_Alignas(8) char data[8192];
	size_t n;
};

static void *append(struct bytes *bytes, uint16_t kind, uint16_t task, size_t fixed, const char *text, size_t ntext)
{
	struct record *record = (void *)(bytes->data + bytes->n);
	size_t nbytes = (fixed + ntext + 7) / 8 * 8;
	assert_true(bytes->n + nbytes <= sizeof(bytes->data));
	memset(record, 0, nbytes);
	*record = (struct record){.kind = kind, .task = task, .nbytes = (uint32_t)nbytes};
	if (ntext)
		memcpy((char *)record + fixed, text, ntext);
	bytes->n += nbytes;
	return record;
}

static void task(struct bytes *bytes, uint16_t id, uint16_t parent, const char *name)
{
	struct record_task *record = append(bytes, RECORD_TASK, parent, sizeof(*record), name, strlen(name) + 1);
	record->id = id;
	record->parent = parent;
	record->process = 1;
	record->identity = 1000u + id;
}

static void object(struct bytes *bytes, uint32_t id, uint16_t kind, const char *name)
{
	struct record_object *record = append(bytes, RECORD_OBJECT, 1, sizeof(*record), name, strlen(name) + 1);
	record->id = id;
	record->kind = kind;
}

static void announce(struct bytes *bytes, uint16_t of, uint16_t op, uint32_t on, uint32_t ordinal, uint16_t flags)
{
	struct record_announce *record = append(bytes, RECORD_ANNOUNCE, of, sizeof(*record), NULL, 0);
	record->op = op;
	record->object = on;
	record->ordinal = ordinal;
	record->flags = flags;
	record->site = 0x1000u + ordinal;
}

static void step(struct bytes *bytes, uint16_t of, uint16_t previous, uint16_t flags, uint64_t enabled, uint64_t timed)
{
	uint32_t n = (uint32_t)(__builtin_popcountll(enabled) + __builtin_popcountll(timed));
	uint64_t sets[2] = {enabled, timed};
	struct record_step *record = append(bytes, RECORD_STEP, of, sizeof(*record), (char *)sets, n > 1 ? sizeof(sets) : 0);
	record->previous = previous;
	record->flags = flags;
	record->nalternatives = n;
	record->nwords = n > 1;
}

static void done(struct bytes *bytes, uint16_t of, uint16_t op, uint32_t on, int64_t result, uint16_t flags)
{
	struct record_done *record = append(bytes, RECORD_DONE, of, sizeof(*record), NULL, 0);
	record->op = op;
	record->object = on;
	record->result = result;
	record->flags = flags;
	record->digest = 77;
}

static struct trace *read_bytes(const struct bytes *bytes)
{
	const char *reason = "";
	struct trace *trace = trace_read(bytes->data, bytes->n, NULL, NULL, &reason);
	if (!trace)
		fail_msg("%s", reason);
	return trace;
}

static void test_steps(void **state)
{
	struct bytes bytes = {.n = 0};
	(void)state;
	task(&bytes, 1, 0, "main");
	object(&bytes, 3, OBJECT_MUTEX, "");
	task(&bytes, 2, 1, "charge");
	announce(&bytes, 2, OP_BEGIN, 0, 0, 0);
	announce(&bytes, 1, OP_MUTEX_LOCK, 3, 0, 0);
	step(&bytes, 1, 1, 0, 1 << 1 | 1 << 2, 0);
	done(&bytes, 1, OP_MUTEX_LOCK, 3, 0, 0);
	announce(&bytes, 1, OP_MUTEX_UNLOCK, 3, 1, 0);
	step(&bytes, 2, 1, STEP_PREEMPTION, 1 << 1 | 1 << 2, 0);
	done(&bytes, 2, OP_BEGIN, 0, 5, 0);
	struct trace *trace = read_bytes(&bytes);
	assert_int_equal(trace->ntasks, 2);
	assert_int_equal(trace->nobjects, 3);
	assert_int_equal(trace->objects[3].kind, OBJECT_MUTEX);
	assert_string_equal(trace->objects[1].name, "");
	assert_string_equal(trace_task_name(trace, 2), "charge");
	assert_string_equal(trace_task_name(trace, 3), "?");
	assert_string_equal(trace_task_name(trace, 0), "?");
	assert_int_equal(trace->nsteps, 2);
	assert_int_equal(trace->nchoices, 2);
	assert_int_equal(trace_step_announce(trace, 0)->request.op, OP_MUTEX_LOCK);
	assert_int_equal(trace->steps[0].cost, 0);
	assert_int_equal(trace->steps[1].cost, 1);
	assert_int_equal(trace->steps[1].task, 2);
	assert_int_equal(trace->steps[1].previous, 1);
	assert_true(trace->steps[1].done);
	assert_int_equal(trace->steps[1].result, 5);
	assert_true(task_set_has(trace->steps[1].enabled, 1));
	assert_ptr_equal(trace->steps[0].enabled, trace->steps[1].enabled); /* equal sets are shared */
	assert_int_equal(trace->tasks[1].nops, 2);
	assert_int_equal(trace->tasks[1].pending, 3); /* the unlock, never performed */
	assert_int_equal(trace->tasks[2].pending, 0);
	trace_close(trace);
}

static void test_guarded(void **state)
{
	struct bytes bytes = {.n = 0};
	(void)state;
	task(&bytes, 1, 0, "main");
	object(&bytes, 1, OBJECT_MUTEX, "");
	object(&bytes, 2, OBJECT_DATABASE, "/tmp/shop.db");
	announce(&bytes, 1, OP_SQLITE_STEP, 2, 0, 0);
	step(&bytes, 1, 1, 0, 1 << 1, 0);
	done(&bytes, 1, OP_LIBRARY_LOCK, 1, 0, DONE_GUARDED);   /* inside: no step */
	announce(&bytes, 1, OP_MUTEX_LOCK, 1, 1, REQUEST_GUARDED); /* inside, and had to block: a step */
	step(&bytes, 1, 1, 0, 1 << 1, 0);
	done(&bytes, 1, OP_MUTEX_LOCK, 1, 3, DONE_GUARDED);
	done(&bytes, 1, OP_SQLITE_STEP, 2, 100, 0);
	struct trace *trace = read_bytes(&bytes);
	assert_int_equal(trace->nsteps, 2);
	assert_int_equal(trace->nguarded, 1);
	assert_int_equal(trace->guarded[0].op, OP_LIBRARY_LOCK);
	assert_int_equal(trace->guarded[0].at_step, 1);
	assert_int_equal(trace->steps[0].result, 100);
	assert_int_equal(trace->steps[0].digest, 77);
	assert_int_equal(trace->steps[0].lasted, 1);
	assert_int_equal(trace->steps[1].result, 3);
	assert_int_equal(trace->steps[1].lasted, 0);
	trace_close(trace);
}

static void test_exit(void **state)
{
	struct bytes bytes = {.n = 0};
	(void)state;
	task(&bytes, 1, 0, "main");
	task(&bytes, 2, 1, "worker");
	announce(&bytes, 2, OP_MUTEX_LOCK, 0, 0, 0);
	announce(&bytes, 1, OP_EXIT, 0, 0, 0);
	step(&bytes, 1, 1, 0, 1 << 1, 0);
	done(&bytes, 1, OP_EXIT, 0, 0, 0);
	struct trace *trace = read_bytes(&bytes);
	assert_true(trace->tasks[1].exited);
	assert_int_equal(trace->tasks[1].exit_value, 77);
	assert_int_equal(trace->tasks[2].pending, 1);
	trace_close(trace);
	announce(&bytes, 1, OP_PROCESS_EXIT, 0, 1, 0);
	step(&bytes, 1, 1, 0, 1 << 1, 0);
	done(&bytes, 1, OP_PROCESS_EXIT, 0, 0, 0);
	trace = read_bytes(&bytes);
	assert_int_equal(trace->tasks[2].pending, 0); /* ended with its process */
	trace_close(trace);
	announce(&bytes, 2, OP_PROCESS_EXIT, 0, 1, 0);
	step(&bytes, 2, 2, 0, 1 << 2, 0);
	done(&bytes, 2, OP_PROCESS_EXIT, 0, 0, 0);
	trace = read_bytes(&bytes);
	assert_true(trace->tasks[1].exited && !trace->tasks[2].exited); /* whoever ends it, it is told of the first */
	trace_close(trace);
}

static void test_units_and_notes(void **state)
{
	struct bytes bytes = {.n = 0};
	static const char effect[] = "mail\0order 1";
	static const char failure[] = "x > 0\0shop.c\0fulfill";
	static const uint64_t pcs[3] = {11, 22, 33};
	(void)state;
	task(&bytes, 1, 0, "main");
	announce(&bytes, 1, OP_UNIT_BEGIN, 0, 0, 0);
	step(&bytes, 1, 1, 0, 1 << 1, 0);
	((struct record_unit *)append(&bytes, RECORD_UNIT, 1, sizeof(struct record_unit), "outer", 6))->begin = 1;
	((struct record_unit *)append(&bytes, RECORD_UNIT, 1, sizeof(struct record_unit), "inner", 6))->begin = 1;
	announce(&bytes, 1, OP_EFFECT, 0, 1, 0);
	step(&bytes, 1, 1, 0, 1 << 1, 0);
	((struct record_effect *)append(&bytes, RECORD_EFFECT, 1, sizeof(struct record_effect), effect, sizeof(effect)))
		->key_at = 5;
	append(&bytes, RECORD_UNIT, 1, sizeof(struct record_unit), "", 1);
	struct record_fail *fail =
		append(&bytes, RECORD_FAIL, 1, sizeof(struct record_fail), failure, sizeof(failure));
	fail->what = FAIL_ASSERT;
	fail->file_at = 6;
	fail->function_at = 13;
	((struct record_stack *)append(&bytes, RECORD_STACK, 1, sizeof(struct record_stack), (const char *)pcs, sizeof(pcs)))
		->npcs = 3;
	append(&bytes, RECORD_LABEL, 1, sizeof(struct record_label), "here", 5);
	append(&bytes, 999, 1, sizeof(struct record), "from the future", 16);
	struct trace *trace = read_bytes(&bytes);
	assert_int_equal(trace->nunits, 2);
	assert_string_equal(trace->units[1].name, "inner");
	assert_int_equal(trace->units[1].end_step, 1);
	assert_int_equal(trace->units[0].end_step, trace->nsteps); /* never ended */
	assert_int_equal(trace->steps[0].unit, 0);
	assert_int_equal(trace->steps[1].unit, 2);
	assert_string_equal(trace->effects[0].name, "mail");
	assert_string_equal(trace->effects[0].key, "order 1");
	assert_int_equal(trace->effects[0].unit, 2);
	assert_string_equal(trace->fails[0].text, "x > 0");
	assert_string_equal(trace->fails[0].file, "shop.c");
	assert_string_equal(trace->fails[0].function, "fulfill");
	assert_int_equal(trace->fails[0].npcs, 3);
	assert_int_equal(trace->fails[0].pcs[2], 33);
	assert_string_equal(trace->labels[0].text, "here");
	assert_int_equal(trace->labels[0].at_step, 1);
	trace_close(trace);
}

static void test_choices_make_the_prefix(void **state)
{
	struct bytes bytes = {.n = 0};
	struct directive prefix[4] = {{0}};
	(void)state;
	task(&bytes, 1, 0, "main");
	task(&bytes, 2, 1, "waiter");
	announce(&bytes, 2, OP_COND_WAKE, 0, 0, 0);
	announce(&bytes, 1, OP_COND_SIGNAL, 0, 0, 0);
	step(&bytes, 1, 1, 0, 1 << 1, 1 << 2);
	struct record_choice *choice = append(&bytes, RECORD_CHOICE, 1, sizeof(*choice), NULL, 0);
	choice->kind = CHOICE_WAKE;
	choice->n = 3;
	choice->taken = 2;
	announce(&bytes, 1, OP_YIELD, 0, 1, 0);
	step(&bytes, 2, 1, STEP_TIMEOUT | STEP_PREEMPTION, 1 << 1, 1 << 2);
	struct trace *trace = read_bytes(&bytes);
	assert_int_equal(trace->nchoices, 3);
	assert_int_equal(trace->value_choices[0].choice, 1);
	assert_int_equal(trace->steps[1].choice, 2);
	assert_int_equal(trace_prefix(trace, 9, prefix, 4), 3);
	assert_int_equal(prefix[0].kind, CHOICE_TASK);
	assert_int_equal(prefix[0].task, 1);
	assert_int_equal(prefix[1].kind, CHOICE_WAKE);
	assert_int_equal(prefix[1].value, 2);
	assert_int_equal(prefix[2].kind, CHOICE_TIMEOUT);
	assert_int_equal(prefix[2].task, 2);
	memset(prefix, 0, sizeof(prefix));
	assert_int_equal(trace_prefix(trace, 3, prefix, 1), 3);
	assert_int_equal(prefix[1].kind, 0); /* there was no room */
	trace_close(trace);
}

static void add_choice_about(struct bytes *bytes, uint32_t object)
{
	struct record_choice *choice = append(bytes, RECORD_CHOICE, 1, sizeof(*choice), NULL, 0);
	choice->kind = CHOICE_HOLD;
	choice->n = 2;
	choice->object = object;
}

/* What choices are about; an object that the trace doesn't have is none. */
static void test_choices_about_objects(void **state)
{
	struct bytes bytes = {.n = 0};
	(void)state;
	task(&bytes, 1, 0, "main");
	object(&bytes, 3, OBJECT_CHANNEL, "");
	announce(&bytes, 1, OP_POLL, 0, 0, 0);
	step(&bytes, 1, 1, 0, 1 << 1, 0);
	add_choice_about(&bytes, 3);
	add_choice_about(&bytes, 4);
	struct trace *trace = read_bytes(&bytes);
	assert_int_equal(trace->nvalue_choices, 2);
	assert_int_equal(trace->value_choices[0].object, 3);
	assert_int_equal(trace->value_choices[1].object, 0);
	trace_close(trace);
}

static void test_statements(void **state)
{
	struct bytes bytes = {.n = 0};
	const char *reason;
	struct control *control = control_block_new();
	(void)state;
	assert_non_null(control);
	strcpy(control->text, "");
	strcpy(control->text + 1, "SELECT 1");
	control->text_used = 10;
	control->nstatements = 2;
	control->statements[1] = (struct statement){.hash = 5, .text = 1, .ntables = 200};
	control->statements[2] = (struct statement){.hash = 6, .text = 4000000000u};
	task(&bytes, 1, 0, "main");
	announce(&bytes, 1, OP_SQLITE_STEP, 0, 0, 0);
	struct record_announce *last = (void *)(bytes.data + bytes.n - sizeof(struct record_announce));
	last->statement = 77;
	struct trace *trace = trace_read(bytes.data, bytes.n, NULL, control, &reason);
	control_block_free(control);
	assert_non_null(trace);
	assert_int_equal(trace->announces[0].request.statement, 0); /* out of range: unknown */
	assert_string_equal(trace_statement_text(trace, 1), "SELECT 1");
	assert_string_equal(trace_statement_text(trace, 2), "");
	assert_string_equal(trace_statement_text(trace, 3), "");
	assert_int_equal(trace->statements[1].ntables, STATEMENT_TABLES);
	assert_true(trace->statements[1].flags & STATEMENT_UNBOUNDED);
	trace_close(trace);
}

static void test_incomplete_and_impossible(void **state)
{
	struct bytes bytes = {.n = 0};
	const char *reason = NULL;
	(void)state;
	task(&bytes, 1, 0, "main");
	announce(&bytes, 1, OP_YIELD, 0, 0, 0);
	size_t whole = bytes.n;
	announce(&bytes, 1, OP_YIELD, 0, 1, 0);
	for (size_t n = whole; n < bytes.n; n++) {
		struct trace *trace = trace_read(bytes.data, n, NULL, NULL, &reason);
		assert_non_null(trace);
		assert_int_equal(trace->nannounces, 1);
		trace_close(trace);
	}
	((struct record *)bytes.data)->nbytes = 4;
	assert_null(trace_read(bytes.data, bytes.n, NULL, NULL, &reason));
	assert_non_null(strstr(reason, "length"));
	((struct record *)bytes.data)->nbytes = 16; /* shorter than a task's record */
	assert_null(trace_read(bytes.data, bytes.n, NULL, NULL, &reason));
	assert_non_null(strstr(reason, "shorter"));
	trace_close(NULL);
}

static void test_empty(void **state)
{
	struct result result = {.outcome = OUTCOME_HANG};
	const char *reason;
	(void)state;
	struct trace *trace = trace_read("", 0, &result, NULL, &reason);
	assert_non_null(trace);
	assert_int_equal(trace->nsteps, 0);
	assert_int_equal(trace->result.outcome, OUTCOME_HANG);
	assert_int_equal(trace_prefix(trace, 5, NULL, 0), 0);
	trace_close(trace);
}

/* A step that nobody announced is one all the same; what it was comes with its end. */
static void test_orphan(void **state)
{
	struct bytes bytes = {.n = 0};
	(void)state;
	task(&bytes, 1, 0, "main");
	step(&bytes, 1, 0, 0, 1 << 1, 0);
	done(&bytes, 1, OP_PROCESS_EXIT, 0, 0, 0);
	struct trace *trace = read_bytes(&bytes);
	assert_int_equal(trace->nsteps, 1);
	assert_int_equal(trace_step_announce(trace, 0)->task, 1);
	assert_int_equal(trace_step_announce(trace, 0)->request.op, OP_PROCESS_EXIT);
	trace_close(trace);
}

static const struct simulator_op main_ops[] = {{.op = OP_CREATE, .object = 2}, {.op = OP_MUTEX_LOCK, .object = 1},
	{.op = OP_MUTEX_UNLOCK, .object = 1}, {.op = OP_JOIN, .object = 2}};
static const struct simulator_op worker_ops[] = {{.op = OP_MUTEX_LOCK, .object = 1},
	{.op = OP_MUTEX_UNLOCK, .object = 1}, {.op = OP_SEM_TIMEDWAIT, .object = 2, .flags = REQUEST_TIMED, .timeout_ns = 9}};
static const struct simulator_task program_tasks[] = {SIMULATOR_TASK("main", main_ops), SIMULATOR_TASK("worker", worker_ops)};
static const struct simulator_object objects[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_SEM}};
static const struct simulator_program program = SIMULATOR_PROGRAM(program_tasks, objects);

/* The prefix read off any execution repeats it, whoever chose. */
static void test_prefix_repeats(void **state)
{
	struct simulator *simulator = simulator_open();
	static struct directive prefix[256];
	const char *reason;
	size_t nbytes;
	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct plan plan = simulator_plan(CHOOSER_RANDOM, seed);
		simulator_run(simulator, &program, &plan, NULL);
		const void *bytes = simulator_trace(simulator, &nbytes);
		struct trace *trace = trace_read(bytes, nbytes, simulator_result(simulator), NULL, &reason);
		assert_non_null(trace);
		assert_int_equal(trace->nsteps, trace->result.nsteps);
		assert_int_equal(trace->nchoices, trace->result.nchoices);
		plan = simulator_plan(CHOOSER_FIRST, 0);
		plan.flags = PLAN_STRICT;
		plan.nprefix = trace_prefix(trace, trace->nchoices, prefix, 256);
		assert_int_equal(simulator_run(simulator, &program, &plan, prefix), OUTCOME_EXITED);
		assert_int_equal(simulator_result(simulator)->hash, trace->result.hash);
		trace_close(trace);
	}
	simulator_close(simulator);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_guarded),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_units_and_notes),
		cmocka_unit_test(test_choices_make_the_prefix),
		cmocka_unit_test(test_choices_about_objects),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_incomplete_and_impossible),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_orphan),
		cmocka_unit_test(test_prefix_repeats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
