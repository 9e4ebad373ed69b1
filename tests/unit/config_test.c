/* race.ini and the environment: what holds, what is refused, and in which order they win. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/command.h"
#include "tools/config.h"
#include "tools/invocation.h"
#include "tools/options.h"

static char folder[64];

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A folder of its own with a folder `inner`, in which the test runs. */
static int enter(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/race-config-XXXXXX");
	unsetenv("RACE_EXPLORE_OPTIONS");
	unsetenv("RACE_GATE_OPTIONS");
	return !mkdtemp(folder) || chdir(folder) || mkdir("inner", 0777) || chdir("inner");
}

static int leave(void **state)
{
	(void)state;
	if (chdir(folder))
		return -1;
	unlink("race.ini");
	unlink("inner/race.ini");
	rmdir("inner/.git");
	rmdir("inner");
	return chdir("/") || rmdir(folder);
}

static int read_for(const struct command *command, struct invocation *invocation)
{
	int saved = dup(2), nowhere = open("/dev/null", O_WRONLY), result;

	dup2(nowhere, 2);
	invocation_init(invocation, command, "race");
	result = config_read(invocation);
	dup2(saved, 2);
	close(saved);
	close(nowhere);
	return result;
}

static void test_sections(void **state)
{
	struct invocation invocation;

	(void)state;
	write_file("../race.ini", "; comment\n[race]\nignore = orders.updated_at\nignore = sessions\nbest-effort = yes\n"
		"[explore]\nseed = 7\nbudget = 2m\nkeep-going = yes\n[gate]\nseed = 9\n");
	assert_int_equal(read_for(&command_explore, &invocation), 0);
	assert_int_equal(invocation.seed, 7);
	assert_int_equal(invocation.budget_ms, 120000);
	assert_true(invocation.keep_going);
	assert_false(invocation.best_effort); /* replay's, not explore's */
	assert_int_equal(invocation.ignore.n, 2);
	invocation_fini(&invocation);
	assert_int_equal(read_for(&command_gate, &invocation), 0);
	assert_int_equal(invocation.seed, 9);
	assert_int_equal(invocation.budget_ms, 0);
	assert_int_equal(invocation.ignore.n, 2);
	invocation_fini(&invocation);
}

static void test_nearest_file_wins(void **state)
{
	struct invocation invocation;

	(void)state;
	write_file("../race.ini", "[explore]\nseed = 7\nbudget = 1m\n");
	write_file("race.ini", "[explore]\nseed = 8\n");
	assert_int_equal(read_for(&command_explore, &invocation), 0);
	assert_int_equal(invocation.seed, 8);
	assert_int_equal(invocation.budget_ms, 0);
	invocation_fini(&invocation);
}

/* A project is not governed by what lies above it. */
static void test_stops_at_repository(void **state)
{
	struct invocation invocation;

	(void)state;
	write_file("../race.ini", "[explore]\nseed = 7\n");
	assert_int_equal(mkdir(".git", 0777), 0);
	assert_int_equal(read_for(&command_explore, &invocation), 0);
	assert_int_equal(invocation.seed, 1);
	invocation_fini(&invocation);
}

static void test_mistakes(void **state)
{
	static const char *const texts[] = {
		"[explore]\nno-such-option = 1\n", "[explore]\nseed = many\n", "[race]\nno-such-option = 1\n",
		"[exploer]\nseed = 1\n", "[explore]\nthis is no setting\n", "[explore]\nstrategy = clever\n",
		"[explore]\nunit = work\n", "seed = 1\n",
	};
	struct invocation invocation;
	size_t index;

	(void)state;
	for (index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
		write_file("race.ini", texts[index]);
		if (read_for(&command_explore, &invocation) == 0)
			fail_msg("taken: %s", texts[index]);
		invocation_fini(&invocation);
	}
}

static void test_environment(void **state)
{
	struct invocation invocation;

	(void)state;
	write_file("race.ini", "[explore]\nseed = 7\nbudget = 1m\n");
	setenv("RACE_EXPLORE_OPTIONS", "--seed=8  keep-going --check='test -s out' ", 1);
	assert_int_equal(read_for(&command_explore, &invocation), 0);
	assert_int_equal(invocation.seed, 8);
	assert_int_equal(invocation.budget_ms, 60000);
	assert_true(invocation.keep_going);
	assert_string_equal(invocation.check, "test -s out");
	invocation_fini(&invocation);
	setenv("RACE_EXPLORE_OPTIONS", "sed=8", 1);
	assert_int_equal(read_for(&command_explore, &invocation), -1);
	invocation_fini(&invocation);
	setenv("RACE_EXPLORE_OPTIONS", "check='unclosed", 1);
	assert_int_equal(read_for(&command_explore, &invocation), -1);
	invocation_fini(&invocation);
}

/* Somebody else's race.ini in a folder above could name commands to run as us. */
static void test_foreign_file(void **state)
{
	struct invocation invocation;

	(void)state;
	if (geteuid() != 0)
		skip();
	write_file("../race.ini", "[explore]\nseed = 7\n");
	assert_int_equal(chown("../race.ini", 12345, 12345), 0);
	assert_int_equal(read_for(&command_explore, &invocation), 0);
	assert_int_equal(invocation.seed, 1);
	invocation_fini(&invocation);
	assert_int_equal(chown(".", 12345, 12345), 0);
	assert_int_equal(read_for(&command_explore, &invocation), 0);
	assert_int_equal(invocation.seed, 7);
	invocation_fini(&invocation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sections, enter, leave),
		cmocka_unit_test_setup_teardown(test_nearest_file_wins, enter, leave),
		cmocka_unit_test_setup_teardown(test_stops_at_repository, enter, leave),
		cmocka_unit_test_setup_teardown(test_mistakes, enter, leave),
		cmocka_unit_test_setup_teardown(test_environment, enter, leave),
		cmocka_unit_test_setup_teardown(test_foreign_file, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
