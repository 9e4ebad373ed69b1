/* A worker is told to leave by a signal, whose handler it has from its parent: one that comes between the look at the
 * flag and poll() is slept over.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef FIXED
#define WAIT(set, mask) ppoll(set, 1, NULL, mask)
#else
#define WAIT(set, mask) poll(set, 1, -1)
#endif

static volatile sig_atomic_t leave;

static void handle(int number)
{
	leave = 1;
}

static void work(int requests, int ready, int log, const sigset_t *before)
{
	struct pollfd set = {.fd = requests, .events = POLLIN};
	char byte = 0;

	while (!leave) {
		write(ready, &byte, 1);
		write(log, &byte, 1);
		WAIT(&set, before);
	}
	_exit(0);
}

int main(void)
{
	int requests[2], ready[2], log[2];
	sigset_t mask, before;
	char byte;

	pipe(requests);
	pipe(ready);
	pipe(log);
	signal(SIGUSR2, handle);
	sigemptyset(&mask);
#ifdef FIXED
	sigaddset(&mask, SIGUSR2);
#endif
	sigprocmask(SIG_BLOCK, &mask, &before);
	pid_t worker = fork();
	if (worker == 0)
		work(requests[0], ready[1], log[1], &before);
	read(ready[0], &byte, 1);
	kill(worker, SIGUSR2);
	waitpid(worker, NULL, 0);
	return 0;
}
