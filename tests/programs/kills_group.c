/* Signals to the group of processes: all children and the caller get them, each as it has asked for, whichever of kill(0),
 * kill(-group) and killpg() sends them; who is in another group does not. Scripts end that way what they have started.
 * race: explore --max-executions 200
 * expect: clean
 * race: explore --strategy random --max-executions 200
 * expect: clean
 * race: explore --carrier thread --max-executions 50
 * expect: clean
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t nsignals;

static void leave(int number)
{
	_exit(number == SIGTERM ? 7 : 8);
}

static void count(int number)
{
	nsignals += number == SIGTERM;
}

static void wait_for_signals(int ready, void (*handler)(int), bool alone)
{
	signal(SIGTERM, handler);
	if (alone)
		setpgid(0, 0);
	ssize_t nbytes = write(ready, "r", 1);
	assert(nbytes == 1);
	for (;;)
		pause();
}

/* Returns when the child is ready. */
static pid_t begin(void (*handler)(int), bool alone)
{
	int ready[2];
	char byte;
	int error = pipe(ready);
	assert(error == 0);
	pid_t pid = fork();
	assert(pid >= 0);
	if (pid == 0)
		wait_for_signals(ready[1], handler, alone);
	ssize_t nbytes = read(ready[0], &byte, 1);
	assert(nbytes == 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static int status_of(pid_t pid)
{
	int status;
	pid_t reaped = waitpid(pid, &status, 0);

	assert(reaped == pid);
	return status;
}

static void end_group(int (*send)(void))
{
	pid_t dies = begin(SIG_DFL, false), leaves = begin(leave, false), other = begin(leave, true);
	int before = nsignals, error = send();

	assert(error == 0 && nsignals == before + 1);
	assert(WTERMSIG(status_of(dies)) == SIGTERM);
	assert(WEXITSTATUS(status_of(leaves)) == 7);
	error = killpg(other, 0);
	assert(error == 0);
	error = killpg(other, SIGTERM);
	assert(error == 0 && nsignals == before + 1);
	assert(WEXITSTATUS(status_of(other)) == 7);
	error = killpg(other, SIGTERM);
	assert(error == -1 && errno == ESRCH);
}

static int to_zero(void)
{
	return kill(0, SIGTERM);
}

static int to_number(void)
{
	return kill(-getpgrp(), SIGTERM);
}

static int to_group(void)
{
	return killpg(getpgrp(), SIGTERM);
}

int main(void)
{
	if (getsid(0) != getpgrp()) /* under race the group is what race has begun; a shell must not be part of it */
		setpgid(0, 0);
	signal(SIGTERM, count);
	end_group(to_zero);
	end_group(to_number);
	end_group(to_group);
	return 0;
}
