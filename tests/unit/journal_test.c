/*
 * Journals: what was written is what the next session gets, up to where the file is good; nothing else is taken for
 * one.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "control_block.h"
#include "logbook.h"

static enum journal_recall recall(struct logbook *logbook, uint64_t number, struct journal_answer *answer)
{
	return journal_recall(logbook->journal, number, logbook_plan(number), answer, logbook->reason,
		sizeof logbook->reason);
}

static void write_some(struct logbook *logbook, uint64_t first, uint64_t last)
{
	for (uint64_t number = first; number <= last; number++)
		assert_int_equal(logbook_write(logbook, number, 0, NULL, 0), 0);
}

static void expect_recalled(struct logbook *logbook, uint64_t number)
{
	struct journal_answer answer;

	assert_int_equal(recall(logbook, number, &answer), JOURNAL_RECALLED);
	assert_true(answer.trace->result.hash == logbook_run(logbook, number, NULL));
	trace_close(answer.trace);
}

static size_t size_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return (size_t)status.st_size;
}

static void test_what_was_written_is_recalled(void **state)
{
	static const char notes[] = "1 read in main\0008 ";
	struct journal_answer answer;
	struct logbook logbook;

	(void)state;
	logbook_init(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	assert_int_equal(journal_pending(logbook.journal), 0);
	assert_int_equal(recall(&logbook, 1, &answer), JOURNAL_NO_MORE);
	assert_int_equal(logbook_write(&logbook, 1, JOURNAL_FOUND, notes, sizeof notes), 0);
	write_some(&logbook, 2, 3);
	logbook_close(&logbook);

	assert_int_equal(logbook_open(&logbook), 0);
	assert_string_equal(logbook.reason, "");
	assert_int_equal(journal_pending(logbook.journal), 3);
	assert_int_equal(recall(&logbook, 1, &answer), JOURNAL_RECALLED);
	assert_int_equal(answer.flags, JOURNAL_FOUND);
	assert_int_equal(answer.note_bytes, sizeof notes);
	assert_memory_equal(answer.notes, notes, sizeof notes);
	assert_int_equal(answer.trace->ntasks, 3);
	assert_int_equal(answer.trace->result.outcome, OUTCOME_EXITED);
	trace_close(answer.trace);
	expect_recalled(&logbook, 2);
	expect_recalled(&logbook, 3);
	assert_int_equal(recall(&logbook, 4, &answer), JOURNAL_NO_MORE);
	write_some(&logbook, 4, 4);
	assert_int_equal(journal_pending(logbook.journal), 0);
	logbook_close(&logbook);

	assert_int_equal(logbook_open(&logbook), 0);
	for (uint64_t number = 1; number <= 4; number++)
		expect_recalled(&logbook, number);
	logbook_fini(&logbook);
}

/* A statement's entry as a trace showed it. */
static const struct statement *statement_of(struct logbook *logbook, uint64_t number, struct trace **trace)
{
	struct journal_answer answer;

	assert_int_equal(recall(logbook, number, &answer), JOURNAL_RECALLED);
	*trace = answer.trace;
	return &answer.trace->statements[1];
}

/* Each answer comes with the tables as they were then; the control block gets them as they were in the end. */
static void test_statements_mean_the_same(void **state)
{
	struct logbook logbook;
	struct trace *trace;

	(void)state;
	logbook_init(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	logbook_add_statement(&logbook, "SELECT ?");
	write_some(&logbook, 1, 1);
	logbook.control->statements[1].kind = STATEMENT_READ;
	logbook_add_statement(&logbook, "UPDATE ?");
	write_some(&logbook, 2, 2);
	logbook_close(&logbook);

	assert_int_equal(logbook_open(&logbook), 0);
	assert_int_equal(logbook.control->nstatements, 2);
	assert_int_equal(logbook.control->statements[1].kind, STATEMENT_READ);
	assert_string_equal(logbook.control->text + logbook.control->statements[2].text, "UPDATE ?");
	assert_int_equal(statement_of(&logbook, 1, &trace)->kind, STATEMENT_UNKNOWN);
	assert_int_equal(trace->nstatements, 1);
	assert_string_equal(trace_statement_text(trace, 1), "SELECT ?");
	trace_close(trace);
	assert_int_equal(statement_of(&logbook, 2, &trace)->kind, STATEMENT_READ);
	assert_string_equal(trace_statement_text(trace, 2), "UPDATE ?");
	trace_close(trace);
	logbook_fini(&logbook);
}

/* Cut anywhere, as by SIGKILL: what is complete stays, and the next answer is written behind it. */
static void test_remains_are_dropped(void **state)
{
	struct logbook logbook;
	size_t ends[4];

	(void)state;
	logbook_init(&logbook);
	for (uint64_t n = 0; n < 4; n++) {
		assert_int_equal(logbook_open(&logbook), 0);
		for (uint64_t number = 1; number <= n; number++)
			expect_recalled(&logbook, number);
		write_some(&logbook, n + 1, n + 1);
		logbook_close(&logbook);
		ends[n] = size_of(logbook.path);
	}
	for (size_t size = ends[3] - 1; size >= ends[0]; size -= 61) {
		uint64_t complete = size >= ends[2] ? 3 : size >= ends[1] ? 2 : 1;
		assert_int_equal(truncate(logbook.path, (off_t)size), 0);
		assert_int_equal(logbook_open(&logbook), 0);
		assert_string_equal(logbook.reason, "");
		assert_int_equal(journal_pending(logbook.journal), complete);
		assert_int_equal(size_of(logbook.path), ends[complete - 1]);
		for (uint64_t number = 1; number <= complete; number++)
			expect_recalled(&logbook, number);
		write_some(&logbook, complete + 1, 4);
		logbook_close(&logbook);
		assert_int_equal(size_of(logbook.path), ends[3]);
	}
	logbook_fini(&logbook);
}

static void spoil(const char *path, size_t at)
{
	int fd = open(path, O_RDWR);
	char byte;

	assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

/* A wrong bit anywhere behind the head is noticed, said, and cut off with all that follows. */
static void test_damage_is_cut_off(void **state)
{
	struct logbook logbook;

	(void)state;
	logbook_init(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	write_some(&logbook, 1, 4);
	logbook_close(&logbook);
	size_t size = size_of(logbook.path), first = sizeof(struct journal_head);
	for (size_t at = first; at < size; at += 97) {
		spoil(logbook.path, at);
		assert_int_equal(logbook_open(&logbook), 0);
		assert_non_null(strstr(logbook.reason, "is damaged after execution"));
		uint64_t left = journal_pending(logbook.journal);
		assert_true(left < 4);
		for (uint64_t number = 1; number <= left; number++)
			expect_recalled(&logbook, number);
		write_some(&logbook, left + 1, 4);
		logbook_close(&logbook);
		assert_int_equal(size_of(logbook.path), size);
	}
	logbook_fini(&logbook);
}

static void expect_refused(struct logbook *logbook, const char *why)
{
	size_t size = size_of(logbook->path);

	assert_int_equal(logbook_open(logbook), -1);
	assert_int_equal(logbook->exit_code, EXIT_USAGE);
	if (!strstr(logbook->reason, why))
		fail_msg("\"%s\" does not say \"%s\"", logbook->reason, why);
	assert_int_equal(size_of(logbook->path), size);
}

static void test_other_searches_are_refused(void **state)
{
	static const char *const why[] = {"command", "program", "librace.so", "--strategy", "--oracle"};
	struct logbook logbook;

	(void)state;
	logbook_init(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	write_some(&logbook, 1, 2);
	logbook_close(&logbook);
	for (size_t i = 0; i < sizeof why / sizeof *why; i++) {
		((uint64_t *)&logbook.identity)[i] ^= 1;
		expect_refused(&logbook, why[i]);
		((uint64_t *)&logbook.identity)[i] ^= 1;
	}
	spoil(logbook.path, offsetof(struct journal_head, version));
	expect_refused(&logbook, "another version");
	spoil(logbook.path, offsetof(struct journal_head, version));
	spoil(logbook.path, offsetof(struct journal_head, identity));
	expect_refused(&logbook, "damaged");
	spoil(logbook.path, 0);
	expect_refused(&logbook, "not the state of a search");
	assert_int_equal(truncate(logbook.path, 7), 0);
	expect_refused(&logbook, "not the state of a search");
	logbook_fini(&logbook);
}

static void test_other_plans_are_noticed(void **state)
{
	struct journal_answer answer;
	struct logbook logbook;

	(void)state;
	logbook_init(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	write_some(&logbook, 1, 2);
	logbook_close(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	expect_recalled(&logbook, 1);
	assert_int_equal(journal_recall(logbook.journal, 2, logbook_plan(77), &answer, logbook.reason,
		sizeof logbook.reason), JOURNAL_FOREIGN);
	assert_non_null(strstr(logbook.reason, "execution 2"));
	logbook_fini(&logbook);
}

static void test_all_that_decides_is_in_the_hash(void **state)
{
	struct directive prefix[2] = {{.task = 1}, {.task = 2}};
	struct plan_draft draft = {.plan = {.number = 1, .seed = 1, .norder = 1, .order = {7}}, .prefix = prefix,
		.nprefix = 2};
	uint64_t hash = journal_plan(&draft);

	(void)state;
	draft.plan.number = 2;
	assert_true(journal_plan(&draft) == hash);
	draft.plan.seed = 2;
	assert_true(journal_plan(&draft) != hash);
	draft.plan.seed = 1;
	prefix[1].value = 1;
	assert_true(journal_plan(&draft) != hash);
	prefix[1].value = 0;
	draft.plan.order[0] = 8;
	assert_true(journal_plan(&draft) != hash);
	draft.plan.order[0] = 7;
	draft.plan.order[1] = 8;
	assert_true(journal_plan(&draft) == hash);
	draft.nprefix = 1;
	assert_true(journal_plan(&draft) != hash);
}

static void test_one_writer_at_a_time(void **state)
{
	struct logbook logbook;
	int status;

	(void)state;
	logbook_init(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	struct journal *mine = logbook.journal;
	pid_t child = fork();
	if (child == 0)
		_exit(logbook_open(&logbook) < 0 && strstr(logbook.reason, "in use") ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	logbook.journal = mine;
	logbook_fini(&logbook);
}

/* No room for another answer: it is said, the file stays good, and nothing more is tried. */
static void test_a_full_disk(void **state)
{
	struct rlimit before, small;
	struct logbook logbook;

	(void)state;
	logbook_init(&logbook);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(logbook_open(&logbook), 0);
	write_some(&logbook, 1, 2);
	size_t size = size_of(logbook.path);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){size + 200, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int result = logbook_write(&logbook, 3, 0, NULL, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(result, -1);
	assert_non_null(strstr(logbook.reason, "File too large"));
	assert_non_null(strstr(logbook.reason, "from execution 2"));
	assert_int_equal(size_of(logbook.path), size);
	assert_int_equal(logbook_write(&logbook, 4, 0, NULL, 0), 0);
	logbook_close(&logbook);
	assert_int_equal(logbook_open(&logbook), 0);
	assert_int_equal(journal_pending(logbook.journal), 2);
	logbook_fini(&logbook);
}

static void test_what_is_no_file(void **state)
{
	struct logbook logbook;

	(void)state;
	logbook_init(&logbook);
	snprintf(logbook.path, sizeof logbook.path, "/dev/full");
	assert_int_equal(logbook_open(&logbook), -1);
	assert_int_equal(logbook.exit_code, EXIT_USAGE);
	snprintf(logbook.path, sizeof logbook.path, "/nonexistent/journal");
	assert_int_equal(logbook_open(&logbook), -1);
	assert_int_equal(logbook.exit_code, EXIT_INTERNAL);
	assert_non_null(strstr(logbook.reason, "No such file"));
	logbook_close(&logbook);
	control_block_free(logbook.control);
	simulator_close(logbook.simulator);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_recalled),
		cmocka_unit_test(test_statements_mean_the_same),
		cmocka_unit_test(test_remains_are_dropped),
		cmocka_unit_test(test_damage_is_cut_off),
		cmocka_unit_test(test_other_searches_are_refused),
		cmocka_unit_test(test_other_plans_are_noticed),
		cmocka_unit_test(test_all_that_decides_is_in_the_hash),
		cmocka_unit_test(test_one_writer_at_a_time),
		cmocka_unit_test(test_a_full_disk),
		cmocka_unit_test(test_what_is_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
