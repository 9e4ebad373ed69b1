/* A worker who has not heard in time takes the result for ready; fixed, it waits until it is. Meanwhile two others wait
 * with time-outs again and again, as the threads do that keep house in virtual machines and servers: one every 50 ms, one
 * every hour. Their time-outs may come early, too, but not so that the clock runs away: a minute is far more than this
 * takes.
 * race: explore --strategy random --max-executions 300
 * expect: assert
 * race: explore --strategy pct --max-executions 300
 * expect: assert
 */
#include "threads.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

static pthread_mutex_t house = PTHREAD_MUTEX_INITIALIZER, lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t closing = PTHREAD_COND_INITIALIZER, ready = PTHREAD_COND_INITIALIZER;
static int closed, result;

static struct timespec in(long milliseconds)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += milliseconds % 1000 * 1000000;
	time.tv_sec += milliseconds / 1000 + time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void *keeps_house(void *period)
{
	pthread_mutex_lock(&house);
	while (!closed) {
		struct timespec until = in(*(const long *)period);
		pthread_cond_timedwait(&closing, &house, &until);
	}
	pthread_mutex_unlock(&house);
	return NULL;
}

static void *works(void *unused)
{
	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	pthread_mutex_lock(&lock);
	result = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void await_result(void)
{
	struct timespec until = in(5000);

	pthread_mutex_lock(&lock);
#ifdef FIXED
	while (!result) {
		pthread_cond_timedwait(&ready, &lock, &until);
		until = in(5000);
	}
#else
	if (!result)
		pthread_cond_timedwait(&ready, &lock, &until);
#endif
	assert(result);
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	long periods[] = {50, 3600000};
	struct timespec begin, end;
	pthread_t keepers[2], worker;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 2; i++)
		pthread_create(&keepers[i], NULL, keeps_house, &periods[i]);
	pthread_create(&worker, NULL, works, NULL);
	await_result();
	pthread_join(worker, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
#ifdef FIXED
	assert(end.tv_sec - begin.tv_sec < 60);
#endif
	pthread_mutex_lock(&house);
	closed = 1;
	pthread_cond_broadcast(&closing);
	pthread_mutex_unlock(&house);
	for (int i = 0; i < 2; i++)
		pthread_join(keepers[i], NULL);
	return 0;
}
