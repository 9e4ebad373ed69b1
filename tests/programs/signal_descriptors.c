/* Signals as descriptors are what they are natively: who may read which, how many at once, in which order, for whoever
 * reads, polls, selects or has them in a set; from threads, timers and children.
 * race: explore --strategy random --max-executions 60 --seed 9
 * expect: clean
 * race: explore --strategy random --max-executions 60 --seed 9 --carrier thread
 * expect: clean
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

static int signals;

static sigset_t set_of(int first, int second)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, first);
	sigaddset(&set, second);
	return set;
}

/* The next one's number; 0: there is none. */
static int next(void)
{
	struct signalfd_siginfo information;
	ssize_t n = read(signals, &information, sizeof information);
	assert(n == sizeof information || (n == -1 && errno == EAGAIN));
	return n < 0 ? 0 : (int)information.ssi_signo;
}

static void check_reads(void)
{
	struct signalfd_siginfo several[3];
	sigset_t only = set_of(SIGUSR2, SIGUSR2), both = set_of(SIGUSR1, SIGUSR2);
	assert(next() == 0);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1); /* one of both is enough */
	assert(read(signals, several, sizeof several) == 2 * sizeof *several);
	assert(several[0].ssi_signo == SIGUSR1 && several[1].ssi_signo == SIGUSR2);
	assert(several[0].ssi_pid == (uint32_t)getpid() && several[0].ssi_code == SI_USER);
	assert(next() == 0);
	assert(read(signals, several, sizeof *several - 1) == -1 && errno == EINVAL);
	assert(signalfd(signals, &only, 0) == signals);
	kill(getpid(), SIGUSR1);
	assert(next() == 0);
	assert(signalfd(signals, &both, 0) == signals && next() == SIGUSR1);
	assert(signalfd(0, &both, 0) == -1 && errno == EINVAL);
	assert(signalfd(-1, &both, 1) == -1 && errno == EINVAL);
}

static void check_waits(void)
{
	struct pollfd query = {.fd = signals, .events = POLLIN};
	struct epoll_event event = {.events = EPOLLIN | EPOLLET}, found;
	struct timeval soon = {.tv_usec = 1000};
	fd_set readers;
	int events = epoll_create1(0);
	assert(epoll_ctl(events, EPOLL_CTL_ADD, signals, &event) == 0);
	FD_ZERO(&readers);
	FD_SET(signals, &readers);
	assert(poll(&query, 1, 10) == 0 && epoll_wait(events, &found, 1, 10) == 0);
	assert(select(signals + 1, &readers, NULL, NULL, &soon) == 0);
	kill(getpid(), SIGUSR1);
	FD_SET(signals, &readers);
	assert(poll(&query, 1, -1) == 1 && query.revents == POLLIN);
	assert(select(signals + 1, &readers, NULL, NULL, NULL) == 1 && FD_ISSET(signals, &readers));
	assert(epoll_wait(events, &found, 1, -1) == 1 && epoll_wait(events, &found, 1, 0) == 0);
	kill(getpid(), SIGUSR2);
	assert(epoll_wait(events, &found, 1, -1) == 1); /* an edge */
	assert(next() == SIGUSR1 && next() == SIGUSR2 && next() == 0);
	assert(poll(&query, 1, 0) == 0);
	close(events);
}

static void *send_later(void *unused)
{
	kill(getpid(), SIGUSR1);
	return unused;
}

static void *read_nothing(void *unused)
{
	struct pollfd query = {.fd = signals, .events = POLLIN};
	assert(poll(&query, 1, 0) == 0 && next() == 0);
	return unused;
}

/* What is sent to a thread is nobody else's. */
static void check_threads(void)
{
	struct pollfd query = {.fd = signals, .events = POLLIN};
	pthread_t other = start(send_later, NULL);
	assert(poll(&query, 1, -1) == 1 && next() == SIGUSR1);
	finish(other);
	pthread_kill(pthread_self(), SIGUSR2);
	finish(start(read_nothing, NULL));
	assert(next() == SIGUSR2);
}

/* What a thread raises and blocks is there for all ways of taking it. */
static void check_raised(void)
{
	sigset_t usual = set_of(SIGUSR1, SIGUSR2), pending;
	int number = 0;
	raise(SIGUSR1);
	assert(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
	assert(sigwait(&usual, &number) == 0 && number == SIGUSR1);
	raise(SIGUSR2);
	assert(next() == SIGUSR2 && next() == 0);
}

static void ignore(int number)
{
}

static void check_alarm(void)
{
	sigset_t set = set_of(SIGALRM, SIGCHLD);
	struct sigaction action = {.sa_handler = ignore};
	struct signalfd_siginfo information;
	int status, blocking;
	sigaction(SIGALRM, &action, NULL); /* a handler makes no difference, as long as it is blocked */
	blocking = signalfd(-1, &set, SFD_CLOEXEC);
	alarm(1);
	assert(read(blocking, &information, sizeof information) == sizeof information && information.ssi_signo == SIGALRM);
	pid_t child = fork();
	if (child == 0)
		_exit(3);
	assert(read(blocking, &information, sizeof information) == sizeof information && information.ssi_signo == SIGCHLD);
	assert(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
	assert(information.ssi_pid == (uint32_t)child && information.ssi_code == CLD_EXITED && information.ssi_status == 3);
	close(blocking);
}

int main(void)
{
	sigset_t usual = set_of(SIGUSR1, SIGUSR2), more = set_of(SIGALRM, SIGCHLD);
	sigprocmask(SIG_BLOCK, &usual, NULL);
	sigprocmask(SIG_BLOCK, &more, NULL);
	signals = signalfd(-1, &usual, SFD_NONBLOCK | SFD_CLOEXEC);
	check_reads();
	check_waits();
	check_threads();
	check_raised();
	check_alarm();
	close(signals);
	return 0;
}
