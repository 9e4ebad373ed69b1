/* Cancellation acts where POSIX says, with mutexes locked again, and leaves a signal to those who wait on.
 * race: explore --max-executions 100
 * expect: clean
 */
#include "threads.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t empty;
static int ncleanups;

static void unlock(void *unused)
{
	(void)unused;
	assert(pthread_mutex_trylock(&lock) == EBUSY);
	ncleanups++;
	pthread_mutex_unlock(&lock);
}

static void *wait_condition(void *unused)
{
	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, NULL);
	for (;;)
		pthread_cond_wait(&never, &lock);
	pthread_cleanup_pop(1);
	return unused;
}

static void *wait_condition_until(void *unused)
{
	struct timespec deadline;

	pthread_mutex_lock(&lock);
	pthread_cleanup_push(unlock, NULL);
	for (;;) {
		clock_gettime(CLOCK_REALTIME, &deadline);
		deadline.tv_sec += 1000;
		pthread_cond_timedwait(&never, &lock, &deadline);
	}
	pthread_cleanup_pop(1);
	return unused;
}

static void *wait_semaphore(void *unused)
{
	sem_wait(&empty);
	return unused;
}

static void *wait_time(void *unused)
{
	for (;;)
		sleep(1000);
	return unused;
}

static void *wait_politely(void *unused)
{
	for (;;)
		pthread_testcancel();
	return unused;
}

static void *wait_thread(void *unused)
{
	pthread_t sleeper = start(wait_time, NULL);
	void *value;

	pthread_detach(pthread_self());
	pthread_cancel(sleeper);
	pthread_join(sleeper, &value);
	assert(value == PTHREAD_CANCELED);
	return unused;
}

/* Off while it works; on again it acts at the next point only. */
static void *work_undisturbed(void *done)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	assert(old == PTHREAD_CANCEL_ENABLE);
	usleep(1000);
	pthread_testcancel();
	pthread_mutex_lock(&lock);
	*(int *)done = 1;
	pthread_mutex_unlock(&lock);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	for (;;)
		pthread_testcancel();
	return NULL;
}

/* Cancelled at any time: at the latest where it is blocked. */
static void *wait_lock(void *held)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_mutex_lock(held);
	return NULL;
}

static void cancel_and_join(pthread_t thread)
{
	void *value = NULL;

	assert(pthread_cancel(thread) == 0);
	assert(pthread_join(thread, &value) == 0);
	assert(value == PTHREAD_CANCELED);
}

static void *cancel_itself(void *unused)
{
	pthread_cancel(pthread_self());
	pthread_testcancel();
	return unused;
}

int main(void)
{
	int done = 0;
	void *value;

	sem_init(&empty, 0, 0);
	cancel_and_join(start(wait_condition, NULL));
	cancel_and_join(start(wait_condition_until, NULL));
	assert(ncleanups <= 2); /* cancelled before it got that far: no handler yet */
	assert(pthread_mutex_trylock(&lock) == 0);
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
	cancel_and_join(start(wait_lock, &lock));
	pthread_mutex_unlock(&lock);
	cancel_and_join(start(wait_semaphore, NULL));
	cancel_and_join(start(wait_time, NULL));
	cancel_and_join(start(wait_politely, NULL));
	start(wait_thread, NULL);
	cancel_and_join(start(work_undisturbed, &done));
	pthread_t itself = start(cancel_itself, NULL);
	assert(pthread_join(itself, &value) == 0 && value == PTHREAD_CANCELED);
	return 0;
}
