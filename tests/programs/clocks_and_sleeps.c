/* Clocks only go forward, sleeps take at least their time, and one who waits by looking at the clock comes to an end.
 * race: explore --max-executions 60
 * expect: clean
 * race: explore --max-executions 5 -- processor
 * expect: clean
 */
#include "threads.h"

#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock)
{
	struct timespec now;

	assert(clock_gettime(clock, &now) == 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *sleep_in_all_ways(void *unused)
{
	struct timespec span = {0, 5000000}, until, left;
	double begin = seconds_of(CLOCK_MONOTONIC);

	assert(nanosleep(&span, &left) == 0);
	assert(usleep(5000) == 0);
	assert(sleep(1) == 0);
	assert(clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL) == 0);
	assert(syscall(SYS_nanosleep, &span, NULL) == 0);
	assert(seconds_of(CLOCK_MONOTONIC) - begin >= 1.0199);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 2;
	assert(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL) == 0);
	assert(seconds_of(CLOCK_REALTIME) >= (double)until.tv_sec);
	usleep(0);
	sleep(0);
	sched_yield();
	return unused;
}

/* A watchdog on the processor's time does not bark at one who sleeps. */
static void sleep_without_processor(void)
{
	struct itimerspec second = {.it_value.tv_sec = 1};
	double begin = seconds_of(CLOCK_PROCESS_CPUTIME_ID), alone = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	timer_t watchdog;

	assert(timer_create(CLOCK_THREAD_CPUTIME_ID, NULL, &watchdog) == 0); /* SIGALRM ends the program */
	assert(timer_settime(watchdog, 0, &second, NULL) == 0);
	sleep(10);
	assert(seconds_of(CLOCK_PROCESS_CPUTIME_ID) - begin < 1);
	assert(seconds_of(CLOCK_THREAD_CPUTIME_ID) - alone < 1);
	assert(timer_delete(watchdog) == 0);
}

static void *look_at_clock(void *unused)
{
	double begin = seconds_of(CLOCK_MONOTONIC), last = begin;
	time_t first = time(NULL);
	clock_t ticks = clock();
	struct timeval now;

	while (seconds_of(CLOCK_MONOTONIC) < begin + 0.5) {
		assert(seconds_of(CLOCK_MONOTONIC) >= last);
		last = seconds_of(CLOCK_MONOTONIC);
	}
	while (time(NULL) < first + 1)
		;
	while (clock() < ticks + CLOCKS_PER_SEC / 100)
		;
	gettimeofday(&now, NULL);
	assert(now.tv_sec > first);
	return unused;
}

int main(int argc, char **argv)
{
	struct timespec now;

	assert(timespec_get(&now, TIME_UTC) == TIME_UTC);
	assert(now.tv_sec > 1500000000);
	if (argc > 1)
		sleep_without_processor();
	else
		run_two(sleep_in_all_ways, look_at_clock);
	return 0;
}
