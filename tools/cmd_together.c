/*
 * race together: starts a server, waits until it listens, starts clients all at once, waits for them, and ends the
 * server. It is what --with makes of a command, and runs under control like any other program, as the harness.
 */
#include "together.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "option_rows.h"
#include "shared/outcome.h"

enum { LISTEN_MS = 30000, END_LOOKS = 100, END_LOOK_US = 50000, NOT_STARTED = 127 };

typedef int await_listener(int pid, int milliseconds);
typedef void await_quiet(void);

char *const *together_command(struct invocation *invocation)
{
	uint32_t ntarget = 0, n = 0;
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	while (invocation->target[ntarget])
		ntarget++;
	char **words = pool_take(invocation->pool, (2 * invocation->with.n + ntarget + 4) * sizeof(*words));
	path[length > 0 ? length : 0] = '\0';
	words[n++] = pool_copy(invocation->pool, path);
	words[n++] = pool_copy(invocation->pool, command_together.name);
	for (uint32_t i = 0; i < invocation->with.n; i++) {
		words[n++] = pool_copy(invocation->pool, "--with");
		words[n++] = pool_copy(invocation->pool, invocation->with.items[i]);
	}
	words[n++] = pool_copy(invocation->pool, "--");
	for (uint32_t i = 0; i <= ntarget; i++)
		words[n++] = invocation->target[i];
	return words;
}

static pid_t start(char *const *command)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child != 0)
		return child;
	execvp(command[0], command);
	fprintf(stderr, "race: %s: %s\n", command[0], strerror(errno));
	_exit(NOT_STARTED);
}

static pid_t start_shell(const char *text)
{
	char *const command[] = {"/bin/sh", "-c", (char *)text, NULL};

	return start(command);
}

/* "ended with status 3", "was ended by signal 11 (Segmentation fault)" */
static void say_end(const char *what, int status)
{
	if (WIFSIGNALED(status))
		fprintf(stderr, "race: %s was ended by signal %d (%s)\n", what, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		fprintf(stderr, "race: %s ended with status %d\n", what, WEXITSTATUS(status));
}

/* A server begins and ends while nobody is at work: that is not what is explored. */
static void wait_quiet(void)
{
	await_quiet *wait_for = (await_quiet *)dlsym(RTLD_DEFAULT, "race_await_quiet");

	if (wait_for)
		wait_for();
}

/* EXIT_CLEAN, or the exit code of what did not happen, which is said. */
static int wait_listening(const char *server, pid_t child)
{
	await_listener *wait_for = (await_listener *)dlsym(RTLD_DEFAULT, "race_await_listener");
	int result = wait_for ? wait_for(child, LISTEN_MS) : -2, status = 0;

	if (result > 0) {
		wait_quiet();
		return EXIT_CLEAN;
	}
	if (result == -2) {
		fputs("race together: is what --with runs under race explore, replay, ...\n", stderr);
		return EXIT_USAGE;
	}
	if (result == 0) {
		fprintf(stderr, "race: %s did not listen within %d seconds: --with needs a server\n", server, LISTEN_MS / 1000);
		return EXIT_COMMAND_FAILS;
	}
	waitpid(child, &status, 0);
	fprintf(stderr, "race: %s ended before it listened: --with needs a server\n", server);
	say_end(server, status);
	return EXIT_COMMAND_FAILS;
}

/* Waits for all clients; false: one failed, which is said. */
static bool wait_clients(struct invocation *invocation, const pid_t *clients)
{
	bool good = true;
	int status;

	for (uint32_t i = 0; i < invocation->with.n; i++) {
		if (waitpid(clients[i], &status, 0) < 0 || status == 0)
			continue;
		say_end(pool_print(invocation->pool, "--with '%s'", invocation->with.items[i]), status);
		good = false;
	}
	return good;
}

/* False: the server had ended by itself. */
static bool end_server(const char *server, pid_t child)
{
	int status;

	wait_quiet();
	if (waitpid(child, &status, WNOHANG) == child) {
		say_end(server, status);
		return false;
	}
	kill(child, SIGTERM);
	for (int i = 0; i < END_LOOKS; i++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return true;
		usleep(END_LOOK_US);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return true;
}

static int together(struct invocation *invocation)
{
	const char *server = invocation->target ? invocation->target[0] : NULL;
	pid_t *clients = pool_take(invocation->pool, (invocation->with.n + 1) * sizeof(*clients));
	bool good;
	int code;

	if (!server || !invocation->with.n) {
		fputs("race together: which server, and which clients? race together --with CMD... -- SERVER\n", stderr);
		return EXIT_USAGE;
	}
	pid_t child = start(invocation->target);
	code = child < 0 ? EXIT_INTERNAL : wait_listening(server, child);
	if (code == EXIT_CLEAN) {
		for (uint32_t i = 0; i < invocation->with.n; i++)
			clients[i] = start_shell(invocation->with.items[i]);
		good = wait_clients(invocation, clients);
		good = end_server(server, child) && good;
		return good ? EXIT_CLEAN : EXIT_COMMAND_FAILS;
	}
	if (child > 0)
		kill(child, SIGKILL);
	return code;
}

static const struct option_row rows[] = {WITH_ROW, END};

const struct command command_together = {
	.name = "together",
	.summary = "Start a server and clients that come together",
	.usage = "--with CMD... -- SERVER [ARGUMENT]...",
	.options = rows,
	.has_target = true,
	.hidden = true,
	.run = together,
};
