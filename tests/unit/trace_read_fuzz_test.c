/*
 * Genuine traces, spoilt in thousands of ways, do no harm to who reads them. Deterministic, two seconds or so; the
 * sanitizers see what a reader alone would not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "simulator.h"
#include "tests/fuzz/trace_read_fuzz.c"

enum { ROUNDS = 20000, SECONDS = 2, MOST_BYTES = 65536, MOST_CHANGES = 8 };

static const struct simulator_op main_ops[] = {{.op = OP_CREATE, .object = 2}, {.op = OP_CREATE, .object = 3},
	{.op = OP_MUTEX_LOCK, .object = 1}, {.op = OP_COND_SIGNAL, .object = 2}, {.op = OP_MUTEX_UNLOCK, .object = 1},
	{.op = OP_JOIN, .object = 2}, {.op = OP_JOIN, .object = 3}};
static const struct simulator_op waits[] = {{.op = OP_UNIT_BEGIN, .text = "wait"}, {.op = OP_MUTEX_LOCK, .object = 1},
	{.op = OP_COND_WAIT, .object = 2, .second = 1}, {.op = OP_MUTEX_UNLOCK, .object = 1},
	{.op = OP_EFFECT, .text = "mail", .key = "1"}, {.op = OP_UNIT_END}};
static const struct simulator_op queries[] = {{.op = OP_SQLITE_STEP, .object = 3, .statement = 1},
	{.op = OP_SQLITE_STEP, .object = 3, .statement = 2}, {.op = OP_SEM_TIMEDWAIT, .object = 4, .flags = REQUEST_TIMED,
	.timeout_ns = 5}};
static const struct simulator_task tasks[] = {SIMULATOR_TASK("main", main_ops), SIMULATOR_TASK("wait", waits),
	SIMULATOR_TASK("query", queries)};
static const struct simulator_object objects[] = {{.kind = OBJECT_MUTEX}, {.kind = OBJECT_COND},
	{.kind = OBJECT_DATABASE}, {.kind = OBJECT_SEM}};
static const struct simulator_program program = SIMULATOR_PROGRAM(tasks, objects);

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(random_state >> 33) % n;
}

/* Small numbers, large ones, and neighbours of what is there go further than any bytes. */
static void spoil(uint8_t *data, uint32_t nbytes)
{
	static const uint32_t values[] = {0, 1, 2, 3, 8, 63, 64, 255, 1023, 1024, 65535, 65536, 0x7fffffff, 0xffffffff};
	uint32_t at = 1 + random_below(nbytes - 1), width = 1u << random_below(3);
	uint32_t value = values[random_below(sizeof(values) / sizeof(values[0]))];
	if (at + width > nbytes)
		width = 1;
	switch (random_below(3)) {
	case 0: data[at] ^= (uint8_t)(1u << random_below(8)); break;
	case 1: memcpy(data + at, &value, width); break;
	default: data[at] = (uint8_t)(data[at] + random_below(3) - 1); break;
	}
}

/* Repeats a stretch of the trace somewhere else in it. */
static void repeat(uint8_t *data, uint32_t nbytes)
{
	uint32_t length = 8 * (1 + random_below(16)), from, to;
	if (nbytes < 2 * length + 1)
		return;
	from = 1 + 8 * random_below((nbytes - length) / 8);
	to = 1 + 8 * random_below((nbytes - length) / 8);
	memmove(data + to, data + from, length);
}

static void test_spoilt_traces(void **state)
{
	static uint8_t data[MOST_BYTES];
	struct simulator *simulator = simulator_open();
	time_t start = time(NULL);
	(void)state;
	for (uint32_t round = 0; round < ROUNDS && time(NULL) - start <= SECONDS; round++) {
		struct plan plan = simulator_plan(CHOOSER_RANDOM, round % 64);
		size_t nbytes;
		random_state = round;
		simulator_run(simulator, &program, &plan, NULL);
		const void *bytes = simulator_trace(simulator, &nbytes);
		assert_true(nbytes + 1 <= sizeof(data));
		data[0] = (uint8_t)random_below(OUTCOME_COUNT);
		memcpy(data + 1, bytes, nbytes);
		uint32_t length = (uint32_t)nbytes + 1;
		for (uint32_t n = random_below(MOST_CHANGES); n > 0; n--)
			random_below(6) ? spoil(data, length) : repeat(data, length);
		if (random_below(8) == 0)
			length = 1 + random_below(length);
		assert_int_equal(LLVMFuzzerTestOneInput(data, length), 0);
	}
	simulator_close(simulator);
}

int main(void)
{
	const struct CMUnitTest tests_of_fuzzing[] = {
		cmocka_unit_test(test_spoilt_traces),
	};
	return cmocka_run_group_tests(tests_of_fuzzing, NULL, NULL);
}
