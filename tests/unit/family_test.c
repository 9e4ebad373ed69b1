/*
 * Children that race keeps, and those that come to it; what a target prints, however much that is.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "explorer/family.h"
#include "explorer/output.h"

static pid_t make_sleeper(void)
{
	pid_t child = fork();

	if (child == 0)
		for (;;)
			pause();
	return child;
}

static void count(void *state, pid_t pid)
{
	(void)pid;
	++*(int *)state;
}

static bool is_there(pid_t pid)
{
	return kill(pid, 0) == 0;
}

static void test_kept_children_stay(void **state)
{
	(void)state;
	pid_t kept = make_sleeper(), stray = make_sleeper();
	int met = 0, status;

	family_keep(kept);
	family_kill_strays(count, &met);
	assert_true(met >= 1);
	assert_true(is_there(kept));
	assert_false(is_there(stray));
	assert_false(family_ended(kept, &status));
	family_end(kept);
	assert_false(is_there(kept));
}

/* A grandchild in a session of its own, whose parent is gone. */
static void test_grandchildren(void **state)
{
	(void)state;
	pid_t grandchild = 0;
	int ends[2], met = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		setsid();
		grandchild = make_sleeper();
		_exit(write(ends[1], &grandchild, sizeof grandchild) < 0);
	}
	assert_int_equal(read(ends[0], &grandchild, sizeof grandchild), sizeof grandchild);
	family_kill_strays(count, &met);
	assert_false(is_there(grandchild));
	assert_false(is_there(child));
	close(ends[0]);
	close(ends[1]);
}

static void test_end_is_remembered(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(7);
	family_keep(child);
	while (!family_ended(child, &status))
		usleep(1000);
	assert_int_equal(WEXITSTATUS(status), 7);
	family_reap();
	assert_true(family_ended(child, &status));
	family_forget(child);
	assert_false(family_ended(child, &status));
}

static void test_output_is_cut(void **state)
{
	(void)state;
	struct settings settings = {0};
	struct output output;
	char block[1000];
	bool truncated;
	size_t nbytes;

	memset(block, 'x', sizeof block);
	assert_int_equal(output_open(&output, &settings, 2000), 0);
	assert_int_equal(write(output.fd, "beginning", 9), 9);
	assert_string_equal(output_text(&output, &nbytes, &truncated), "beginning");
	assert_false(truncated);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(write(output.fd, block, sizeof block), sizeof block);
		output_trim(&output);
	}
	assert_memory_equal(output_text(&output, &nbytes, &truncated), "beginningxxx", 12);
	assert_int_equal(nbytes, 2000);
	assert_true(truncated);
	assert_true(lseek(output.fd, 0, SEEK_END) <= 4 * 2000 + 1000);
	output_clear(&output);
	assert_string_equal(output_text(&output, &nbytes, &truncated), "");
	assert_false(truncated);
	output_close(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_children_stay),
		cmocka_unit_test(test_grandchildren),
		cmocka_unit_test(test_end_is_remembered),
		cmocka_unit_test(test_output_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
