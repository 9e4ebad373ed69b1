/* Waits for several descriptors, with signals and time-outs, in and out of sets of sets: what poll, select and epoll
 * promise holds whatever is told later.
 * race: explore --strategy dfs --bound none --max-executions 0 -- poll
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- select
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- epoll
 * expect: clean
 * exhausted: all
 * race: explore --strategy random --max-executions 200 --seed 3 -- epoll
 * expect: clean
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

enum { PIPES = 2 };

static int ends[PIPES][2], set;
static bool told[PIPES];
static volatile sig_atomic_t nsignals;
static int (*wait_for)(int timeout_ms, const sigset_t *mask);

static void on_signal(int number)
{
	nsignals++;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int wait_poll(int timeout_ms, const sigset_t *mask)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
	struct pollfd fds[PIPES + 1] = {{.fd = -1, .events = POLLIN}};
	for (int i = 0; i < PIPES; i++)
		fds[i + 1] = (struct pollfd){.fd = ends[i][0], .events = POLLIN};
	int n = mask ? ppoll(fds, PIPES + 1, timeout_ms < 0 ? NULL : &timeout, mask) : poll(fds, PIPES + 1, timeout_ms);
	assert(fds[0].revents == 0);
	for (int i = 0; i < PIPES; i++)
		told[i] = n > 0 && (fds[i + 1].revents & POLLIN);
	return n;
}

static int wait_select(int timeout_ms, const sigset_t *mask)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
	struct timeval left = {timeout_ms / 1000, timeout_ms % 1000 * 1000L};
	fd_set reads;
	int n;
	FD_ZERO(&reads);
	for (int i = 0; i < PIPES; i++)
		FD_SET(ends[i][0], &reads);
	if (mask)
		n = pselect(FD_SETSIZE, &reads, NULL, NULL, timeout_ms < 0 ? NULL : &timeout, mask);
	else
		n = select(FD_SETSIZE, &reads, NULL, NULL, timeout_ms < 0 ? NULL : &left);
	assert(n != 0 || mask || timeout_ms < 0 || (left.tv_sec == 0 && left.tv_usec == 0));
	for (int i = 0; i < PIPES; i++)
		told[i] = n > 0 && FD_ISSET(ends[i][0], &reads);
	return n;
}

static int wait_epoll(int timeout_ms, const sigset_t *mask)
{
	struct epoll_event events[PIPES];
	int n = mask ? epoll_pwait(set, events, PIPES, timeout_ms, mask) : epoll_wait(set, events, PIPES, timeout_ms);
	memset(told, 0, sizeof(told));
	for (int i = 0; i < n; i++)
		told[events[i].data.u32] = true;
	return n;
}

static void send_to_all(void)
{
	for (int i = 0; i < PIPES; i++)
		assert(write(ends[i][1], "m", 1) == 1);
}

static int take(void)
{
	char message;
	int n = 0;
	for (int i = 0; i < PIPES; i++)
		n += told[i] && read(ends[i][0], &message, 1) == 1;
	return n;
}

/* Nothing is ready: at once, after a while, and never but for a signal. */
static void check_nothing(const sigset_t *none)
{
	struct itimerval soon = {.it_value.tv_usec = 50000};
	double before = now();
	nsignals = 0;
	assert(wait_for(0, NULL) == 0 && now() - before < 0.1);
	assert(wait_for(200, NULL) == 0 && now() - before >= 0.2 && now() - before < 1);
	assert(raise(SIGUSR1) == 0 && nsignals == 0);
	assert(wait_for(-1, none) == -1 && errno == EINTR && nsignals == 1);
	before = now();
	assert(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	assert(wait_for(-1, NULL) == -1 && errno == EINTR && nsignals == 2);
	assert(now() - before >= 0.05 && now() - before < 1);
}

/* Both are ready, and a signal is let in: what is ready is told of, and the signal stays pending until nothing is. */
static void check_ready(const sigset_t *none)
{
	double before = now();
	int ntaken = 0;
	send_to_all();
	nsignals = 0;
	assert(raise(SIGUSR1) == 0 && nsignals == 0);
	int n = wait_for(5000, none);
	assert(n >= 1 && n <= PIPES && nsignals == 0);
	for (ntaken = take(); ntaken < PIPES; ntaken += take())
		assert(wait_for(5000, NULL) == PIPES - ntaken);
	assert(now() - before < 1); /* what came later came at once */
	assert(wait_for(0, NULL) == 0 && nsignals == 0);
	if (wait_for == wait_epoll) /* doesn't look for signals when it doesn't wait */
		assert(wait_for(0, none) == 0 && nsignals == 0 && wait_for(-1, none) == -1);
	else
		assert(wait_for(0, none) == -1);
	assert(errno == EINTR && nsignals == 1);
}

/* One that only looks gets the whole answer, but of epoll. */
static void check_look(void)
{
	send_to_all();
	int n = wait_for(0, NULL);
	assert(wait_for == wait_epoll ? n >= 1 : n == PIPES);
	for (int ntaken = take(); ntaken < PIPES; ntaken += take())
		assert(wait_for(0, NULL) == PIPES - ntaken);
}

/* A set in a set is ready while something is ready in it. */
static void check_nested(void)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = 9}, found[3];
	struct pollfd query = {.events = POLLIN};
	int outer = epoll_create1(0);
	assert(epoll_ctl(outer, EPOLL_CTL_ADD, set, &event) == 0);
	query.fd = outer;
	assert(poll(&query, 1, 10) == 0 && epoll_wait(outer, found, 3, 10) == 0);
	send_to_all();
	assert(poll(&query, 1, -1) == 1 && poll(&query, 1, 0) == 1);
	for (int ntaken = 0; ntaken < PIPES; ntaken += take()) {
		assert(epoll_wait(outer, found, 3, -1) == 1 && found[0].data.u32 == 9);
		assert(wait_epoll(0, NULL) >= 1);
	}
	assert(poll(&query, 1, 0) == 0 && epoll_wait(outer, found, 3, 0) == 0);
	close(outer);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "poll";
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked, none;
	wait_for = !strcmp(how, "poll") ? wait_poll : !strcmp(how, "select") ? wait_select : wait_epoll;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	set = epoll_create1(0);
	for (int i = 0; i < PIPES; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
		assert(pipe(ends[i]) == 0 && epoll_ctl(set, EPOLL_CTL_ADD, ends[i][0], &event) == 0);
	}
	check_nothing(&none);
	check_ready(&none);
	check_look();
	if (wait_for == wait_epoll)
		check_nested();
	return 0;
}
