/* A child blocks SIGTERM, in all of its threads or in all but the first, and takes it as it should: by sigwait, never, as
 * soon as it lets it in, or at once.
 * race: explore --max-executions 60 -- waits
 * expect: clean
 * race: explore --max-executions 60 -- never
 * expect: clean
 * race: explore --max-executions 60 -- later
 * expect: clean
 * race: explore --max-executions 60 -- first
 * expect: clean
 * race: explore --max-executions 60 --carrier thread -- first
 * expect: clean
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

enum { TAKEN = 7 };

static sigset_t termination;

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void tell(int fd)
{
	ssize_t n = write(fd, "r", 1);
	assert(n == 1);
}

static void await(int fd)
{
	char byte;
	ssize_t n = read(fd, &byte, 1);
	assert(n == 1);
}

static void child(const char *way, int ready, int sent)
{
	int number = 0;

	sigprocmask(SIG_BLOCK, &termination, NULL);
	if (strcmp(way, "first") == 0) {
		start(idle, NULL);
		sigprocmask(SIG_UNBLOCK, &termination, NULL);
		tell(ready);
		idle(NULL);
	}
	tell(ready);
	if (strcmp(way, "waits") == 0) {
		sigwait(&termination, &number);
		assert(number == SIGTERM);
	}
	await(sent);
	if (strcmp(way, "later") == 0)
		sigprocmask(SIG_UNBLOCK, &termination, NULL);
	_exit(TAKEN);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "waits";
	bool lives = strcmp(way, "waits") == 0 || strcmp(way, "never") == 0;
	int ready[2], sent[2], status;

	sigemptyset(&termination);
	sigaddset(&termination, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	int error = pipe(ready) || pipe(sent);
	assert(!error);
	pid_t pid = fork();
	if (pid == 0)
		child(way, ready[1], sent[0]);
	await(ready[0]);
	error = kill(pid, SIGTERM);
	assert(!error);
	tell(sent[1]);
	pid_t ended = wait(&status);
	assert(ended == pid);
	assert(lives ? WIFEXITED(status) && WEXITSTATUS(status) == TAKEN : WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	return 0;
}
