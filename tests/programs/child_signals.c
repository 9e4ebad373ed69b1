/* Each child that ends is told of by one signal: the handler is not called more often than children have ended, whenever
 * the kernel comes to tell of them.
 * race: explore --max-executions 60 --strategy random
 * expect: clean
 */
#include <assert.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 6 };

static volatile sig_atomic_t ncalls, nended;

static void hear(int number)
{
	(void)number;
	ncalls++;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		nended++;
}

int main(void)
{
	struct sigaction action = {.sa_handler = hear};
	sigset_t child, none;

	sigemptyset(&none);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	assert(sigprocmask(SIG_BLOCK, &child, NULL) == 0);
	assert(sigaction(SIGCHLD, &action, NULL) == 0);
	for (int i = 1; i <= CHILDREN; i++) {
		if (fork() == 0)
			_exit(0);
		while (nended < i)
			sigsuspend(&none);
	}
	assert(sigprocmask(SIG_UNBLOCK, &child, NULL) == 0);
	assert(ncalls == CHILDREN);
	return 0;
}
