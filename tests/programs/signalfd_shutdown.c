/* An event loop is told by signals: SIGUSR1 says that a job lies in the pipe, SIGTERM that it shall end. It ends at once,
 * and a job that has been accepted is never done.
 * race: explore --max-executions 300
 * expect: assert within 100
 */
#include "threads.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int jobs[2], signals, naccepted, ndone;

static void *submit(void *unused)
{
	if (write(jobs[1], "j", 1) == 1)
		naccepted++;
	kill(getpid(), SIGUSR1);
	return NULL;
}

static void *shut_down(void *unused)
{
	kill(getpid(), SIGTERM);
	return NULL;
}

static void do_jobs(void)
{
	char job;

	while (read(jobs[0], &job, 1) == 1)
		ndone++;
}

/* False: it is to end. */
static int hear(void)
{
	struct signalfd_siginfo information;
	int goes_on = 1;

	while (read(signals, &information, sizeof information) == sizeof information) {
		assert(information.ssi_signo == SIGTERM || information.ssi_signo == SIGUSR1);
		if (information.ssi_signo == SIGTERM)
			goes_on = 0;
		else
			do_jobs();
	}
	return goes_on;
}

static void serve(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int set = epoll_create1(0);

	epoll_ctl(set, EPOLL_CTL_ADD, signals, &event);
	do
		epoll_wait(set, &event, 1, -1);
	while (hear());
	close(set);
}

int main(void)
{
	sigset_t told;

	sigemptyset(&told);
	sigaddset(&told, SIGTERM);
	sigaddset(&told, SIGUSR1);
	sigprocmask(SIG_BLOCK, &told, NULL);
	signals = signalfd(-1, &told, SFD_NONBLOCK | SFD_CLOEXEC);
	assert(pipe2(jobs, O_NONBLOCK) == 0);
	pthread_t customer = start(submit, NULL), master = start(shut_down, NULL);
	serve();
	finish(customer);
	finish(master);
#ifdef FIXED
	do_jobs();
#endif
	assert(ndone == naccepted);
	return 0;
}
