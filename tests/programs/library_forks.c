/*
 * The C library forks within daemon and forkpty: each child is a task of its own, which takes turns with its parent and
 * can be talked to; what its streams were before they were replaced is let go, so that whoever reads sees the end.
 * race: explore --max-executions 60
 * expect: clean
 * race: explore --strategy random --max-executions 40
 * expect: clean
 */
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

/* A child that becomes a daemon, which writes once; the descriptors of its streams, a pipe's end among them, go. */
static void check_daemon(void)
{
	int said[2], held[2];
	char byte;

	assert(pipe(said) == 0 && pipe(held) == 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(held[1], 1);
		close(held[0]);
		close(held[1]);
		if (daemon(0, 0) != 0)
			_exit(1);
		_exit(write(said[1], "d", 1) != 1);
	}
	close(said[1]);
	close(held[1]);
	int status;
	assert(waitpid(child, &status, 0) == child && status == 0);
	assert(read(held[0], &byte, 1) == 0);
	assert(read(said[0], &byte, 1) == 1 && byte == 'd');
	assert(read(said[0], &byte, 1) == 0);
	close(said[0]);
	close(held[0]);
}

static void check_terminal(void)
{
	int terminal, status;
	char byte = 0;
	pid_t child = forkpty(&terminal, NULL, NULL, NULL);

	assert(child >= 0);
	if (child == 0)
		_exit(!isatty(0) || write(1, "t", 1) != 1);
	assert(read(terminal, &byte, 1) == 1 && byte == 't');
	assert(waitpid(child, &status, 0) == child && status == 0);
	close(terminal);
}

int main(void)
{
	check_daemon();
	check_terminal();
	return 0;
}
