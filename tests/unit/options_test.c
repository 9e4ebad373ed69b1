/* Command lines: what is taken, what is refused with a sentence, and that help and completion follow the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "explorer/strategy/strategy.h"
#include "tools/command.h"
#include "tools/command_line.h"
#include "tools/help.h"
#include "tools/invocation.h"
#include "tools/options.h"
#include "tools/text_file.h"


static char complaint[4096];

/* Parses a command line; what goes to stderr meanwhile is in `complaint`. The invocation is open afterwards. */
static int parse(struct invocation *invocation, const char *line)
{
	const struct command *command;
	FILE *captured = tmpfile();
	int saved = dup(2), result;
	uint32_t nwords;
	size_t length;
	char **words;

	assert_non_null(captured);
	invocation_init(invocation, NULL, "race");
	words = command_line_split(invocation->pool, line, &nwords);
	command = command_find(words[0]);
	assert_non_null(command);
	invocation->command = command;
	fflush(stderr);
	dup2(fileno(captured), 2);
	result = options_parse(invocation, (int)nwords, words);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(captured);
	length = fread(complaint, 1, sizeof(complaint) - 1, captured);
	complaint[length] = '\0';
	fclose(captured);
	return result;
}

static void refuse(const char *line, const char *sentence)
{
	struct invocation invocation;

	assert_int_equal(parse(&invocation, line), -1);
	if (!strstr(complaint, sentence))
		fail_msg("'%s' says: %s", line, complaint);
	invocation_fini(&invocation);
}

static void test_values(void **state)
{
	struct invocation invocation;

	(void)state;
	assert_int_equal(parse(&invocation, "explore --seed 7 --bound none --budget 5m --strategy dfs --keep-going "
		"--ignore a.b --ignore c --max-exec 12 -- ./program --seed 9"), 0);
	assert_int_equal(invocation.seed, 7);
	assert_int_equal(invocation.bound, BOUND_NONE);
	assert_int_equal(invocation.budget_ms, 300000);
	assert_string_equal(invocation.strategy, "dfs");
	assert_true(invocation.keep_going);
	assert_int_equal(invocation.ignore.n, 2);
	assert_string_equal(invocation.ignore.items[1], "c");
	assert_null(invocation.ignore.items[2]);
	assert_int_equal(invocation.max_executions, 12);
	assert_string_equal(invocation.target[0], "./program");
	assert_string_equal(invocation.target[1], "--seed");
	assert_string_equal(invocation.target[2], "9");
	assert_null(invocation.target[3]);
	invocation_fini(&invocation);
}

static void test_defaults(void **state)
{
	struct invocation invocation;

	(void)state;
	assert_int_equal(parse(&invocation, "explore ./program"), 0);
	assert_int_equal(invocation.seed, 1);
	assert_int_equal(invocation.bound, BOUND_DEFAULT);
	assert_int_equal(invocation.max_executions, 1000);
	assert_int_equal(invocation.budget_ms, 0);
	assert_string_equal(invocation.target[0], "./program");
	invocation_fini(&invocation);
}

static void test_durations(void **state)
{
	static const struct { const char *text; uint64_t ms; } times[] = {
		{"250ms", 250}, {"30s", 30000}, {"30", 30000}, {"5m", 300000}, {"2h", 7200000},
	};
	struct invocation invocation;
	char line[64];
	size_t index;

	(void)state;
	for (index = 0; index < sizeof(times) / sizeof(times[0]); index++) {
		snprintf(line, sizeof(line), "explore --budget %s x", times[index].text);
		assert_int_equal(parse(&invocation, line), 0);
		assert_int_equal(invocation.budget_ms, times[index].ms);
		invocation_fini(&invocation);
	}
	refuse("explore --budget 5x ./p", "takes a time such as");
	refuse("explore --budget -1s ./p", "takes a time such as");
	refuse("explore --budget 99999999999999999999h ./p", "takes a time such as");
}

static void test_refusals(void **state)
{
	(void)state;
	refuse("explore --sed 3 -x ./p", "did you mean");
	refuse("explore --stratgy dfs ./p", "did you mean --strategy?");
	refuse("explore --frobnicate ./p", "there is no option '--frobnicate'");
	refuse("explore --seed", "--seed needs a value");
	refuse("explore --keep-going=1 ./p", "--keep-going takes no value");
	refuse("explore --seed many ./p", "--seed can't be 'many': it takes a number");
	refuse("explore --seed -1 ./p", "it takes a number");
	refuse("explore --seed 99999999999999999999999 ./p", "it takes a number");
	refuse("explore --bound some ./p", "a number or none");
	refuse("explore --strategy clever ./p", "it is one of: ");
	refuse("explore --check '' ./p", "something not empty");
	refuse("replay a b -- ./p", "one word too many");
	refuse("completion bash -- ./p", "one word too many");
}

/* What race is to have but this build has not is refused by name, and not advertised. */
static void test_absent(void **state)
{
	static const char *const absent[] = {"--unit", "--memory"};
	struct invocation invocation;
	char *text = NULL;
	size_t nbytes, index;
	FILE *stream = open_memstream(&text, &nbytes);

	(void)state;
	refuse("explore --memory all ./p", "this build has no --memory all; it has: off");
	assert_int_equal(parse(&invocation, "explore --carrier fiber --memory off --reuse restore ./p"), 0);
	help_command(&command_explore, stream);
	fclose(stream);
	for (index = 0; index < sizeof(absent) / sizeof(absent[0]); index++)
		if (strstr(text, absent[index]))
			fail_msg("the help advertises %s", absent[index]);
	free(text);
	invocation_fini(&invocation);
}

static void test_replay_operands(void **state)
{
	struct invocation invocation;

	(void)state;
	assert_int_equal(parse(&invocation, "replay found.race --repeat 3 -- ./p --repeat 4"), 0);
	assert_int_equal(invocation.operands.n, 1);
	assert_string_equal(invocation.operands.items[0], "found.race");
	assert_int_equal(invocation.repeat, 3);
	assert_string_equal(invocation.target[0], "./p");
	invocation_fini(&invocation);
	assert_int_equal(parse(&invocation, "replay found.race"), 0);
	assert_null(invocation.target);
	invocation_fini(&invocation);
}

static void test_set_by_name(void **state)
{
	struct invocation invocation;

	(void)state;
	assert_int_equal(parse(&invocation, "explore ./p"), 0);
	assert_int_equal(options_set(&invocation, "keep-going", "yes", "race.ini"), 0);
	assert_true(invocation.keep_going);
	assert_int_equal(options_set(&invocation, "keep-going", "off", "race.ini"), 0);
	assert_false(invocation.keep_going);
	assert_int_equal(options_set(&invocation, "no-such-option", "1", "race.ini"), 1);
	invocation_fini(&invocation);
}

/* Every offered option is in the help and in each completion script. */
static void test_tables_are_shown(void **state)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};
	const struct command *const *command;
	const struct option_row *row;
	char *text, wanted[64];
	size_t nbytes, shell;
	FILE *stream;

	(void)state;
	for (shell = 0; shell < 3; shell++) {
		stream = open_memstream(&text, &nbytes);
		assert_int_equal(help_completion(command_list(), shells[shell], stream), 0);
		fclose(stream);
		for (command = command_list(); *command; command++)
			for (row = (*command)->options; row->type != OPTION_END; row++) {
				snprintf(wanted, sizeof(wanted), "%s%s", shell == 2 ? "-l " : "--", row->name ? row->name : "");
				if (row->name && !row->hidden && row->type != OPTION_ABSENT && !strstr(text, wanted))
					fail_msg("%s completion lacks %s of %s", shells[shell], wanted, (*command)->name);
			}
		free(text);
	}
	assert_int_equal(help_completion(command_list(), "tcsh", stdout), -1);
}

/* Every offered option has its paragraph in the command's manual page. */
static void test_manual(void **state)
{
	const struct command *const *command;
	const struct option_row *row;
	char path[128], wanted[64];
	size_t nbytes;
	char *text;

	(void)state;
	for (command = command_list(); *command; command++) {
		snprintf(path, sizeof(path), "tools/man/race-%s.1.scd", (*command)->name);
		text = text_file_read(path, &nbytes);
		assert_non_null(text);
		for (row = (*command)->options; row->type != OPTION_END; row++) {
			snprintf(wanted, sizeof(wanted), "\n*--%s*", row->name ? row->name : "");
			if (row->name && !row->hidden && row->type != OPTION_ABSENT && !strstr(text, wanted))
				fail_msg("%s lacks --%s", path, row->name);
		}
		free(text);
	}
}

static void test_commands_are_sorted(void **state)
{
	const struct command *const *command;

	(void)state;
	for (command = command_list(); command[1]; command++)
		assert_true(strcmp(command[0]->name, command[1]->name) < 0);
	assert_string_equal(command_nearest("explor"), "explore");
	assert_null(command_nearest("zzzzzz"));
}

static void test_command_lines(void **state)
{
	static const char *const words[] = {"plain", "two words", "it's", "", "$HOME", "a\nb", "--x=1", NULL};
	struct pool *pool = pool_open();
	char **again, *line = command_line_join(pool, (char *const *)words);
	uint32_t nwords, index;

	(void)state;
	assert_string_equal(line, "plain 'two words' 'it'\\''s' '' '$HOME' 'a\nb' --x=1");
	again = command_line_split(pool, line, &nwords);
	assert_int_equal(nwords, 7);
	for (index = 0; index <= nwords; index++)
		if (words[index])
			assert_string_equal(again[index], words[index]);
		else
			assert_null(again[index]);
	assert_null(command_line_split(pool, "a 'b", &nwords));
	pool_close(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_replay_operands),
		cmocka_unit_test(test_set_by_name),
		cmocka_unit_test(test_tables_are_shown),
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_commands_are_sorted),
		cmocka_unit_test(test_command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
