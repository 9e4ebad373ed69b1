/* Calls with a deadline end when it has come and not before, and refuse what is no time.
 * race: explore --max-executions 100
 * expect: clean
 */
#include "threads.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

enum { SPAN_NS = 20 * 1000 * 1000 };

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER, own = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t held_rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t empty, gate;

static struct timespec soon(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	now.tv_nsec += SPAN_NS;
	now.tv_sec += now.tv_nsec / 1000000000;
	now.tv_nsec %= 1000000000;
	return now;
}

static bool has_come(clockid_t clock, const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec > deadline->tv_sec || (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
}

#define EXPIRES(clock, call) \
	do { \
		struct timespec deadline = soon(clock); \
		assert((call) == ETIMEDOUT); \
		assert(has_come(clock, &deadline)); \
	} while (0)

static void *wait_at_gate(void *unused)
{
	sem_wait(&gate);
	return unused;
}

static void *try_all(void *unused)
{
	struct timespec wrong = {1, 1000000000};

	EXPIRES(CLOCK_REALTIME, pthread_mutex_timedlock(&held, &deadline));
	EXPIRES(CLOCK_MONOTONIC, pthread_mutex_clocklock(&held, CLOCK_MONOTONIC, &deadline));
	EXPIRES(CLOCK_REALTIME, pthread_rwlock_timedrdlock(&held_rwlock, &deadline));
	EXPIRES(CLOCK_REALTIME, pthread_rwlock_timedwrlock(&held_rwlock, &deadline));
	EXPIRES(CLOCK_MONOTONIC, pthread_rwlock_clockrdlock(&held_rwlock, CLOCK_MONOTONIC, &deadline));
	EXPIRES(CLOCK_MONOTONIC, pthread_rwlock_clockwrlock(&held_rwlock, CLOCK_MONOTONIC, &deadline));
	EXPIRES(CLOCK_REALTIME, sem_timedwait(&empty, &deadline) == -1 ? errno : 0);
	EXPIRES(CLOCK_MONOTONIC, sem_clockwait(&empty, CLOCK_MONOTONIC, &deadline) == -1 ? errno : 0);
	pthread_mutex_lock(&own);
	EXPIRES(CLOCK_REALTIME, pthread_cond_timedwait(&never, &own, &deadline));
	EXPIRES(CLOCK_MONOTONIC, pthread_cond_clockwait(&never, &own, CLOCK_MONOTONIC, &deadline));
	assert(pthread_cond_timedwait(&never, &own, &wrong) == EINVAL);
	assert(pthread_mutex_unlock(&own) == 0);
	assert(pthread_mutex_timedlock(&held, &wrong) == EINVAL);
	assert(sem_timedwait(&empty, &wrong) == -1 && errno == EINVAL);
	return unused;
}

static void join_in_time(void)
{
	pthread_t sleeper = start(wait_at_gate, NULL);
	struct timespec past = {1, 0};
	int error;

	EXPIRES(CLOCK_REALTIME, pthread_timedjoin_np(sleeper, NULL, &deadline));
	sem_post(&gate);
	error = pthread_clockjoin_np(sleeper, NULL, CLOCK_MONOTONIC, &past);
	if (error == ETIMEDOUT)
		error = pthread_tryjoin_np(sleeper, NULL);
	if (error == EBUSY)
		error = pthread_join(sleeper, NULL);
	assert(error == 0);
}

int main(void)
{
	pthread_condattr_t attributes;
	pthread_cond_t monotonic;

	sem_init(&empty, 0, 0);
	sem_init(&gate, 0, 0);
	pthread_mutex_lock(&held);
	pthread_rwlock_wrlock(&held_rwlock);
	run_two(try_all, try_all);
	join_in_time();
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&monotonic, &attributes);
	EXPIRES(CLOCK_MONOTONIC, pthread_cond_timedwait(&monotonic, &held, &deadline));
	pthread_cond_destroy(&monotonic);
	return 0;
}
