/*
 * The race command: finds the subcommand, reads its settings, runs it.
 */
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "config.h"
#include "help.h"
#include "shared/outcome.h"
#include "together.h"
#include "version.h"

enum { KEPT_BYTES = 32 << 20 };

static int complain(const char *name)
{
	const char *nearest = command_nearest(name);

	fprintf(stderr, "race: there is no command '%s'", name);
	if (nearest)
		fprintf(stderr, "; did you mean '%s'?", nearest);
	fputs("\nTry 'race --help'.\n", stderr);
	return EXIT_USAGE;
}

/* stdout is the result: what could not be written there must not look like success. */
static int finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fputs("race: the result could not be written to standard output\n", stderr);
	return EXIT_INTERNAL;
}

static int run(const struct command *command, const char *program, int argc, char **argv)
{
	struct invocation invocation;
	int code = EXIT_USAGE;

	invocation_init(&invocation, command, program);
	if ((command->hidden || config_read(&invocation) == 0) && options_parse(&invocation, argc, argv) == 0) {
		if (invocation.help)
			help_command(command, stdout);
		if (invocation.with.n && invocation.target && !command->hidden)
			invocation.target = together_command(&invocation);
		code = invocation.help ? EXIT_CLEAN : invocation_exit(&invocation, command->run(&invocation));
	}
	invocation_fini(&invocation);
	return finish(code);
}

/*
 * A standard stream that was closed must not become another file that we open. It stays as good as closed: what is
 * opened in its place can't be used in its direction, and the program that we run finds it so, too.
 */
static void hold_streams(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int stream = 0; stream < 3; stream++)
		if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", modes[stream]) != stream)
			_exit(EXIT_INTERNAL);
}

/* Each execution needs again what was freed after the last one. */
static void keep_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
}

int main(int argc, char **argv)
{
	const struct command *command;
	const char *word = argc > 1 ? argv[1] : NULL;

	keep_memory();
	hold_streams();
	setlocale(LC_CTYPE, "");
	if (!word) {
		help_overview(command_list(), stderr);
		return EXIT_USAGE;
	}
	if (strcmp(word, "--version") == 0) {
		puts("race " RACE_VERSION);
		return finish(EXIT_CLEAN);
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (strcmp(word, "help") == 0 && argc == 2)) {
		help_overview(command_list(), stdout);
		return finish(EXIT_CLEAN);
	}
	if (strcmp(word, "help") == 0) {
		command = command_find(argv[2]);
		if (!command)
			return complain(argv[2]);
		help_command(command, stdout);
		return finish(EXIT_CLEAN);
	}
	command = command_find(word);
	return command ? run(command, argv[0], argc - 1, argv + 1) : complain(word);
}
