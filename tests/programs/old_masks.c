/* Signals are blocked and let in the way of BSD and System V, which the C library does not do by sigprocmask. A parent
 * that waits for its children by sigsuspend misses none of their signals.
 * race: explore --strategy random --max-executions 100
 * expect: clean
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

enum { CHILDREN = 3 };

static volatile sig_atomic_t nsignals;

static void note(int number)
{
	(void)number;
	nsignals++;
}

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* As shells do: look, block, look again, wait. */
static void await_children(void)
{
	sigset_t during;
	int nreaped = 0;

	while (nreaped < CHILDREN) {
		int before = nsignals;
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		assert(pid >= 0);
		if (pid > 0) {
			nreaped++;
			continue;
		}
		sigblock(1 << (SIGCHLD - 1));
		sigprocmask(SIG_SETMASK, NULL, &during);
		sigdelset(&during, SIGCHLD);
		while (nsignals == before)
			sigsuspend(&during);
		sigsetmask(0);
	}
}

int main(void)
{
	signal(SIGCHLD, note);
	for (int i = 0; i < CHILDREN; i++) {
		sighold(SIGUSR1);
		pid_t pid = fork();
		assert(pid >= 0);
		if (pid == 0)
			_exit(0);
		sigrelse(SIGUSR1);
	}
	await_children();
	assert(sigblock(0) == 0);
	return 0;
}
