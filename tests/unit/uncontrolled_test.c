/*
 * What could not be controlled, in words: each thing once, nothing left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explorer/uncontrolled.h"

enum { MOST = 8 };

static void name(void *state, uint16_t process, uint64_t address, struct symbol *out)
{
	(void)state;
	(void)process;
	if (address == 10)
		out->function = "serve";
	else
		out->module = "libthing.so";
}

static const struct symbols symbols = {.code = name};
static struct trace_task tasks[] = {{.id = 0}, {.id = 1, .process = 1, .name = "main"}};
static struct trace_uncontrolled entries[MOST];

/* The notes as "reason where" lines. */
static const char *lines_of(struct result result, uint32_t nentries, bool judged)
{
	struct trace trace = {.result = result, .ntasks = 1, .tasks = tasks, .nuncontrolled = nentries,
		.uncontrolled = entries};
	static char lines[1024];
	size_t nbytes = 0, at = 0;
	const char *where;
	uint32_t reason;
	char *notes = uncontrolled_notes(&trace, &symbols, judged, &nbytes);

	assert_non_null(notes);
	lines[0] = '\0';
	while (uncontrolled_next(notes, nbytes, &at, &reason, &where)) {
		strcat(lines, uncontrolled_text(reason));
		strcat(lines, "|");
		strcat(lines, where);
		strcat(lines, "\n");
	}
	assert_int_equal(at, nbytes);
	free(notes);
	return lines;
}

static void test_controlled(void **state)
{
	(void)state;
	assert_string_equal(lines_of((struct result){.outcome = OUTCOME_EXITED}, 0, false), "");
	assert_string_equal(lines_of((struct result){.outcome = OUTCOME_HANG}, 0, false), "");
}

static void test_records(void **state)
{
	(void)state;
	entries[0] = (struct trace_uncontrolled){.reason = UNCONTROLLED_LAPSE, .site = 10, .text = "read"};
	entries[1] = entries[0];
	entries[2] = (struct trace_uncontrolled){.reason = UNCONTROLLED_LAPSE, .site = 10, .text = "", .task = 1};
	entries[3] = (struct trace_uncontrolled){.reason = UNCONTROLLED_RAW_FUTEX, .site = 11, .text = ""};
	entries[4] = (struct trace_uncontrolled){.reason = UNCONTROLLED_RAW_FUTEX, .site = 0, .text = ""};
	entries[5] = (struct trace_uncontrolled){.reason = UNCONTROLLED_LIMIT, .limit = LIMIT_ID_TASKS, .text = ""};
	assert_string_equal(lines_of((struct result){.outcome = OUTCOME_EXITED}, 6, false),
		"blocked outside control|read in serve\n"
		"blocked outside control|serve\n"
		"futex operation without a model|libthing.so\n"
		"futex operation without a model|\n"
		"capacity exceeded|tasks in one execution (1024)\n");
}

static void test_bits_without_records(void **state)
{
	uint32_t bits = 1u << UNCONTROLLED_LEFTOVER | 1u << UNCONTROLLED_LAPSE;

	(void)state;
	entries[0] = (struct trace_uncontrolled){.reason = UNCONTROLLED_LAPSE, .site = 10, .text = ""};
	assert_string_equal(lines_of((struct result){.outcome = OUTCOME_EXITED, .uncontrolled = bits}, 1, false),
		"blocked outside control|serve\n"
		"processes outlived the main process|\n");
}

/* An execution that was cut off is named, whatever it was cut off by. */
static void test_limits(void **state)
{
	struct result bytes = {.outcome = OUTCOME_LIMIT, .limit = LIMIT_ID_TRACE_BYTES,
		.uncontrolled = 1u << UNCONTROLLED_LIMIT};
	struct result steps = {.outcome = OUTCOME_LIMIT, .limit = LIMIT_ID_STEPS, .nsteps = LIMIT_STEPS};
	struct result early = {.outcome = OUTCOME_LIMIT, .limit = LIMIT_ID_STEPS, .nsteps = 20000};

	(void)state;
	assert_string_equal(lines_of(bytes, 0, false), "capacity exceeded|bytes of trace in one execution (402653184)\n");
	assert_string_equal(lines_of(steps, 0, false), "capacity exceeded|steps in one execution (1048576)\n");
	assert_string_equal(lines_of(early, 0, false), "capacity exceeded|steps: cut off long after others had ended\n");
	assert_string_equal(lines_of(early, 0, true), "");
}

static void test_spoilt_notes(void **state)
{
	static const char notes[] = "\0x\00099999999999 y\0007";
	size_t at = 0;
	const char *where;
	uint32_t reason;

	(void)state;
	while (uncontrolled_next(notes, sizeof notes, &at, &reason, &where))
		assert_true(where >= notes && where < notes + sizeof notes);
	assert_int_equal(at, sizeof notes);
	assert_false(uncontrolled_next("", 0, &(size_t){0}, &reason, &where));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_controlled),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_bits_without_records),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_spoilt_notes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
