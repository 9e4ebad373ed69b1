#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explorer/schedule.h"
#include "rehearsal.h"

static const char every_word[] = "race-schedule 1\n"
				 "# double effect: order 1 was fulfilled twice\n"
				 "command  build/tests/programs/double_fulfillment\n"
				 "finding  serializability 5b1d09c2\n"
				 "chooser  first\n"
				 "seed     18446744073709551615\n"
				 "db       shop postgresql 15\n"
				 "run      main      until  join charge\n"
				 "run      charge    until  sqlite-step \"UPDATE orders SET status = ?\"  in fulfill\n"
				 "run      webhook#2  until  exit\n"
				 "run      charge    until  mutex-lock mutex#1  in std::pop  #3\n"
				 "run      charge    until  exiting\n"
				 "deliver  server    \"pg#2\" reply \"SELECT status ...\"\n"
				 "hold     server    \"http#1\"\n"
				 "hold     server    channel#2  in serve  #2\n"
				 "deliver  server    channel#3\n"
				 "timeout  charge    cond-timedwait  in wait_order\n"
				 "timeout  charge\n"
				 "wake     charge    cond-signal webhook\n"
				 "wake     charge    cond-signal ready webhook  in notify\n"
				 "grant    charge    before refund  on orders key ?\n"
				 "victim   webhook   40P01\n"
				 "busy     charge    \"BEGIN IMMEDIATE\"\n"
				 "fault    charge    reply-lost \"COMMIT\"  in fulfill  #2\n"
				 "signal   worker    TERM\n"
				 "trace    9f31c2d4a8e07711\n";

static struct schedule *parse(const char *text)
{
	char reason[256] = "";
	struct schedule *schedule = schedule_parse(text, strlen(text), reason, sizeof reason);

	if (schedule == NULL)
		fail_msg("%s", reason);
	return schedule;
}

static char *print(const struct schedule *schedule)
{
	char *text;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	assert_int_equal(schedule_print(schedule, out), 0);
	fclose(out);
	return text;
}

static void prints_as(const char *text, const char *expected)
{
	struct schedule *schedule = parse(text);
	char *printed = print(schedule);

	assert_string_equal(printed, expected);
	free(printed);
	schedule_close(schedule);
}

static void test_every_word_is_printed_back(void **state)
{
	(void)state;
	prints_as(every_word, every_word);
}

static void test_fields_of_lines(void **state)
{
	(void)state;
	struct schedule *schedule = parse(every_word);
	const struct schedule_line *lines = schedule->lines;
	assert_string_equal(schedule->comments[0], "double effect: order 1 was fulfilled twice");
	assert_string_equal(schedule->command, "build/tests/programs/double_fulfillment");
	assert_string_equal(schedule->kind, "serializability");
	assert_string_equal(schedule->fingerprint, "5b1d09c2");
	assert_true(schedule->has_trace && schedule->trace == 0x9f31c2d4a8e07711);
	assert_string_equal(lines[0].object, "charge");
	assert_int_equal(lines[1].op, OP_SQLITE_STEP);
	assert_string_equal(lines[1].text, "UPDATE orders SET status = ?");
	assert_string_equal(lines[1].function, "fulfill");
	assert_true(schedule->has_seed && schedule->seed == UINT64_MAX);
	assert_int_equal(lines[1].line, 9);
	assert_true(lines[2].ended && lines[2].op == OP_NONE);
	assert_int_equal(lines[3].nth, 3);
	assert_int_equal(lines[4].op, OP_EXIT);
	assert_string_equal(lines[5].answer, "\"pg#2\" reply \"SELECT status ...\"");
	assert_string_equal(lines[7].object, "channel#2");
	assert_int_equal(lines[7].nth, 2);
	assert_null(lines[7].answer);
	assert_string_equal(lines[8].object, "channel#3");
	assert_int_equal(lines[10].op, OP_NONE);
	assert_string_equal(lines[11].answer, "webhook");
	assert_null(lines[11].object);
	assert_string_equal(lines[12].object, "ready");
	assert_string_equal(lines[17].answer, "TERM");
	schedule_close(schedule);
}

static void test_origin(void **state)
{
	static const char text[] = "race-schedule 1\norigin   observed\nrun      main      until  create  in main\n";
	static const char other[] = "race-schedule 1\norigin   dreamt\n";
	char reason[256], *printed;
	size_t nbytes;
	struct schedule *schedule = schedule_parse(text, sizeof text - 1, reason, sizeof reason);

	(void)state;
	assert_non_null(schedule);
	assert_true(schedule->observed);
	FILE *out = open_memstream(&printed, &nbytes);
	assert_int_equal(schedule_print(schedule, out), 0);
	fclose(out);
	assert_string_equal(printed, text);
	free(printed);
	schedule_close(schedule);
	assert_null(schedule_parse(other, sizeof other - 1, reason, sizeof reason));
}

static void test_canonical_form(void **state)
{
	(void)state;
	prints_as("race-schedule 1\r\n\n   # x\n\trun\tmain until \t join   #2 charge\n#\n",
		"race-schedule 1\n# x\n#\nrun      main      until  join charge  #2\n");
	prints_as("race-schedule 1\nrun a\\040b until sqlite-step \"a\\\"b\\n\\\\\" in \"f (int)\"\n",
		"race-schedule 1\nrun      a\\040b    until  sqlite-step \"a\\\"b\\n\\\\\"  in f\\040(int)\n");
	prints_as("race-schedule 1\nrun t until mutex-lock \\151n in \\043f\n",
		"race-schedule 1\nrun      t         until  mutex-lock \\151n  in \\043f\n");
	prints_as("race-schedule 1\nbusy t sqlite-step \"x\"~0000abcd #2\n",
		"race-schedule 1\nbusy     t         sqlite-step \"x\"~0000abcd  #2\n");
	prints_as("race-schedule 1\nfault t reply-lost COMMIT #1\n", "race-schedule 1\nfault    t         reply-lost \"COMMIT\"\n");
	prints_as("race-schedule 1\ncommand  sh -c 'a \"b\" # c \\\\'  \n",
		"race-schedule 1\ncommand  sh -c 'a \"b\" # c \\\\'\n");
}

static void refuses(const char *text, const char *because)
{
	char reason[256] = "";
	struct schedule *schedule = schedule_parse(text, strlen(text), reason, sizeof reason);

	assert_null(schedule);
	if (strstr(reason, because) == NULL)
		fail_msg("'%s' does not say '%s'", reason, because);
}

static void test_bad_schedules_are_named(void **state)
{
	(void)state;
	refuses("", "empty");
	refuses("\x7f"
		"ELF\x02\x01\n",
		"line 1: this is no schedule");
	refuses("#!/bin/sh\n", "line 1: this is no schedule");
	refuses("race-schedule 2\n", "version 2");
	refuses("race-schedule\n", "version is missing");
	refuses("race-schedule 1\nfoo bar\n", "line 2: 'foo' is no word of a schedule");
	refuses("race-schedule 1\nrun\n", "name is missing");
	refuses("race-schedule 1\nrun main\n", "'until' is missing");
	refuses("race-schedule 1\nrun main to\n", "'until' is expected, not 'to'");
	refuses("race-schedule 1\nrun main until\n", "an operation is missing");
	refuses("race-schedule 1\nrun main until fly\n", "'fly' is no operation");
	refuses("race-schedule 1\nrun main until none\n", "'none' is no operation");
	refuses("race-schedule 1\nrun main until exit now\n", "'now' is not expected");
	refuses("race-schedule 1\nrun main until join a b\n", "a second object");
	refuses("race-schedule 1\nrun main until join a #0\n", "#0");
	refuses("race-schedule 1\nrun main until join a #4294967297\n", "no count");
	refuses("race-schedule 1\nrun main until join a in\n", "function after 'in' is missing");
	refuses("race-schedule 1\nrun main until sqlite-step \"abc\n", "doesn't end");
	refuses("race-schedule 1\nrun main until sqlite-step \"abc\"d\n", "after a text in quotes");
	refuses("race-schedule 1\nrun main until sqlite-step \"a\\q\"\n", "backslash");
	refuses("race-schedule 1\nrun main until sqlite-step \"a\\000\"\n", "backslash");
	refuses("race-schedule 1\nwake main cond-signal\n", "who wakes is missing");
	refuses("race-schedule 1\nbusy main \"BEGIN\" orders\n", "an object without an operation");
	refuses("race-schedule 1\nsignal worker\n", "what is chosen is missing");
	refuses("race-schedule 1\nhold worker\n", "a channel such as channel#2 is expected");
	refuses("race-schedule 1\nhold worker in serve\n", "a channel such as channel#2 is expected");
	refuses("race-schedule 1\ndeliver worker channel#2 channel#3\n", "a second object");
	refuses("race-schedule 1\nchooser best\n", "no chooser 'best'");
	refuses("race-schedule 1\nseed x\n", "a seed is a number");
	refuses("race-schedule 1\nseed 1\nseed 1\n", "a second seed");
	refuses("race-schedule 1\nfinding deadlock 12\n", "8 hex digits");
	refuses("race-schedule 1\ntrace 9f31c2d4a8e0771\n", "16 hex digits");
	refuses("race-schedule 1\nseed x\n", "a seed is a number");
	refuses("race-schedule 1\nseed -1\n", "a seed is a number");
	refuses("race-schedule 1\nseed 18446744073709551616\n", "a seed is a number");
	refuses("race-schedule 1\nseed 1\nseed 1\n", "a second seed");
	refuses("race-schedule 1\ntrace 9f31c2d4a8e07711\ntrace 9f31c2d4a8e07711\n", "a second trace");
	refuses("race-schedule 1\ncommand a\ncommand b\n", "a second command");
	refuses("race-schedule 1\nrun main until exit", "cut off");
}

/* A file cut off anywhere but at the end of a line is noticed. */
static void test_truncation_is_noticed(void **state)
{
	(void)state;
	char reason[256];
	for (size_t n = 0; n < strlen(every_word); n++) {
		struct schedule *schedule = schedule_parse(every_word, n, reason, sizeof reason);
		assert_int_equal(schedule != NULL, n > 0 && every_word[n - 1] == '\n');
		schedule_close(schedule);
	}
}

static void test_equal_sees_every_field(void **state)
{
	(void)state;
	static const char *const others[] = {
		"race-schedule 1\nrun a until mutex-lock m \"t\" in f #2\n",
		"race-schedule 1\nrun b until mutex-lock n \"t\" in f #2\n",
		"race-schedule 1\nrun b until mutex-unlock m \"t\" in f #2\n",
		"race-schedule 1\nrun b until mutex-lock m \"u\" in f #2\n",
		"race-schedule 1\nrun b until mutex-lock m \"t\" in g #2\n",
		"race-schedule 1\nrun b until mutex-lock m \"t\" in f\n",
		"race-schedule 1\nrun b until mutex-lock m \"t\"~00000000 in f #2\n",
		"race-schedule 1\nrun b until exit\n",
		"race-schedule 1\n",
		"race-schedule 1\n# c\nrun b until mutex-lock m \"t\" in f #2\n",
	};
	struct schedule *one = parse("race-schedule 1\nrun b until mutex-lock m \"t\" in f #2\n");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct schedule *other = parse(others[i]);
		assert_false(schedule_equal(one, other));
		schedule_close(other);
	}
	schedule_close(one);
}

static const char *const functions[] = {NULL, "main", "fulfill", "log_line"};

static const struct rehearsal_op main_ops[] = {
	{OP_CREATE, 1, .site = 1}, {OP_CREATE, 2, .site = 1}, {OP_JOIN, 1, .site = 1}, {OP_JOIN, 2, .site = 1}, {0}};

static const struct rehearsal_op fulfill_ops[] = {
	{OP_SQLITE_STEP, 1, .site = 2, .text = "SELECT status FROM orders WHERE id = ?"},
	{OP_SQLITE_STEP, 1, .site = 2, .text = "UPDATE orders SET status = ? WHERE id = ?"},
	{OP_SQLITE_STEP, 1, .site = 2, .text = "INSERT INTO shipments VALUES (?)"}, {0}};

static struct schedule *schedule_after(
	const struct rehearsal *rehearsal, const struct directive *prefix, uint32_t nprefix)
{
	struct plan plan = {.chooser = CHOOSER_FIRST, .nprefix = nprefix};
	struct symbols symbols = rehearsal_symbols(rehearsal);
	struct trace *trace = rehearsal_run(rehearsal, &plan, prefix, NULL);
	struct schedule *schedule = schedule_from_trace(trace, rehearsal->functions != NULL ? &symbols : NULL);

	assert_non_null(schedule);
	rehearsal_free(trace);
	schedule->has_trace = false;
	return schedule;
}

static void says(
	const struct rehearsal *rehearsal, const struct directive *prefix, uint32_t nprefix, const char *expected)
{
	struct schedule *schedule = schedule_after(rehearsal, prefix, nprefix);
	char *text = print(schedule);

	assert_string_equal(text, expected);
	free(text);
	schedule_close(schedule);
}

static void test_double_fulfillment_in_four_lines(void **state)
{
	(void)state;
	const struct rehearsal shop = {
		{{"main", main_ops}, {"charge", fulfill_ops}, {"webhook", fulfill_ops}}, functions};
	const struct directive prefix[] = {{DIRECTIVE_RUN, CHOICE_TASK, 1, 3}, {DIRECTIVE_RUN, CHOICE_TASK, 2, 2},
		{DIRECTIVE_RUN, CHOICE_TASK, 3, ~0u}};
	says(&shop, prefix, 3,
		"race-schedule 1\n"
		"chooser  first\n"
		"run      main      until  join charge  in main\n"
		"run      charge    until  sqlite-step \"UPDATE orders SET status = ? WHERE id = ?\"  in fulfill\n"
		"run      webhook   until  exit\n"
		"run      charge    until  exit\n");
}

static void test_without_preemption_nothing_is_said(void **state)
{
	(void)state;
	const struct rehearsal shop = {
		{{"main", main_ops}, {"charge", fulfill_ops}, {"webhook", fulfill_ops}}, functions};
	says(&shop, NULL, 0, "race-schedule 1\nchooser  first\n");
}

static void test_a_task_that_goes_when_born_needs_no_line_before(void **state)
{
	(void)state;
	const struct rehearsal shop = {
		{{"main", main_ops}, {"charge", fulfill_ops}, {"webhook", fulfill_ops}}, functions};
	const struct directive prefix[] = {{DIRECTIVE_RUN, CHOICE_TASK, 1, 2}, {DIRECTIVE_RUN, CHOICE_TASK, 2, ~0u}};
	says(&shop, prefix, 2,
		"race-schedule 1\n"
		"chooser  first\n"
		"run      charge    until  exit\n");
}

/* Objects without a name have a number, repeated announcements a count; without symbols there are no functions. */
static void test_numbers_where_there_are_no_names(void **state)
{
	(void)state;
	static const struct rehearsal_op ops[] = {{OP_MUTEX_LOCK, 2, .site = 2}, {OP_MUTEX_UNLOCK, 2, .site = 2},
		{OP_MUTEX_LOCK, 1, .site = 2}, {OP_MUTEX_UNLOCK, 1, .site = 2}, {OP_MUTEX_LOCK, 2, .site = 2},
		{OP_MUTEX_UNLOCK, 2, .site = 2}, {0}};
	const struct rehearsal named = {{{"main", main_ops}, {"a", ops}, {"b", ops}}, functions};
	const struct rehearsal bare = {{{"main", main_ops}, {"a", ops}, {"b", ops}}, NULL};
	const struct directive prefix[] = {{DIRECTIVE_RUN, CHOICE_TASK, 1, 3}, {DIRECTIVE_RUN, CHOICE_TASK, 2, 5},
		{DIRECTIVE_RUN, CHOICE_TASK, 3, 3}, {DIRECTIVE_RUN, CHOICE_TASK, 2, ~0u}};
	says(&named, prefix, 4,
		"race-schedule 1\nchooser  first\n"
		"run      main      until  join a  in main\n"
		"run      a         until  mutex-lock mutex#1  in fulfill  #2\n"
		"run      b         until  mutex-lock lock  in fulfill\n"
		"run      a         until  exit\n");
	says(&bare, prefix, 4,
		"race-schedule 1\nchooser  first\n"
		"run      main      until  join a\n"
		"run      a         until  mutex-lock mutex#1  #2\n"
		"run      b         until  mutex-lock mutex#2\n"
		"run      a         until  exit\n");
}

static void test_long_statements_are_cut(void **state)
{
	(void)state;
	char statement[201];
	memset(statement, 'x', 200);
	memcpy(statement + 119, "\xc3\xa4", 2);
	statement[200] = '\0';
	const struct rehearsal_op ops[] = {
		{OP_SQLITE_STEP, 1, .text = "SELECT 1"}, {OP_SQLITE_STEP, 1, .text = statement}, {0}};
	const struct rehearsal shop = {{{"main", main_ops}, {"a", ops}, {"b", ops}}, NULL};
	const struct directive prefix[] = {{DIRECTIVE_RUN, CHOICE_TASK, 1, 3}, {DIRECTIVE_RUN, CHOICE_TASK, 2, 2},
		{DIRECTIVE_RUN, CHOICE_TASK, 3, ~0u}};
	struct schedule *schedule = schedule_after(&shop, prefix, 3), *again;
	assert_int_equal(strlen(schedule->lines[1].text), 119);
	assert_true(schedule->lines[1].text_hash & SCHEDULE_TEXT_CUT);
	char *text = print(schedule);
	again = parse(text);
	assert_true(schedule_equal(schedule, again));
	schedule_close(again);
	schedule_close(schedule);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_word_is_printed_back),
		cmocka_unit_test(test_fields_of_lines),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_canonical_form),
		cmocka_unit_test(test_bad_schedules_are_named),
		cmocka_unit_test(test_truncation_is_noticed),
		cmocka_unit_test(test_equal_sees_every_field),
		cmocka_unit_test(test_double_fulfillment_in_four_lines),
		cmocka_unit_test(test_without_preemption_nothing_is_said),
		cmocka_unit_test(test_a_task_that_goes_when_born_needs_no_line_before),
		cmocka_unit_test(test_numbers_where_there_are_no_names),
		cmocka_unit_test(test_long_statements_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
