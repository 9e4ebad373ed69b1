/* Timers as descriptors: they expire in virtual time, for whoever reads, polls or has them in a set.
 * race: explore --strategy random --max-executions 60 --seed 9
 * expect: clean
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

static int timer;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void set(double after, double interval)
{
	struct itimerspec value = {
		.it_value = {(time_t)after, (long)((after - (double)(time_t)after) * 1e9)},
		.it_interval = {(time_t)interval, (long)((interval - (double)(time_t)interval) * 1e9)},
	};
	int error = timerfd_settime(timer, 0, &value, NULL);
	assert(error == 0);
}

static uint64_t expirations(void)
{
	uint64_t count;
	ssize_t n = read(timer, &count, sizeof(count));
	return n == sizeof(count) ? count : 0;
}

static void check_read(void)
{
	struct itimerspec left;
	double before = now();
	set(0.5, 0);
	assert(timerfd_gettime(timer, &left) == 0 && left.it_value.tv_sec == 0 && left.it_value.tv_nsec > 0);
	assert(expirations() == 1);
	assert(now() - before >= 0.5 && now() - before < 0.6);
	assert(timerfd_gettime(timer, &left) == 0 && left.it_value.tv_nsec == 0);
}

/* Nobody looks for a while: the expirations add up. */
static void check_interval(void)
{
	struct timespec while_away = {.tv_nsec = 350000000};
	set(0.1, 0.1);
	nanosleep(&while_away, NULL);
	assert(expirations() == 3);
	assert(expirations() == 1);
	set(0, 0);
}

static void check_poll(void)
{
	struct pollfd query = {.fd = timer, .events = POLLIN};
	struct epoll_event event = {.events = EPOLLIN}, found;
	int events = epoll_create1(0);
	set(2, 0);
	assert(poll(&query, 1, 0) == 0 && poll(&query, 1, 1000) == 0);
	assert(poll(&query, 1, 5000) == 1 && poll(&query, 1, 0) == 1);
	assert(epoll_ctl(events, EPOLL_CTL_ADD, timer, &event) == 0);
	assert(epoll_wait(events, &found, 1, 0) == 1);
	assert(expirations() == 1);
	assert(epoll_wait(events, &found, 1, 10) == 0);
	set(1, 0);
	assert(epoll_wait(events, &found, 1, -1) == 1);
	assert(expirations() == 1);
	close(events);
}

static void *set_it(void *unused)
{
	set(0.25, 0);
	return unused;
}

/* Set by another thread while this one may be reading already. */
static void check_other(void)
{
	double before = now();
	pthread_t other = start(set_it, NULL);
	assert(expirations() == 1);
	assert(now() - before >= 0.25);
	finish(other);
}

int main(void)
{
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	assert(timer >= 0);
	check_read();
	check_interval();
	check_poll();
	check_other();
	close(timer);
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	assert(expirations() == 0 && errno == EAGAIN);
	return 0;
}
