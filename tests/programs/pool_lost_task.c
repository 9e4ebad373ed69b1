/* The worker announces that it is idle after it has looked at its queue, in another critical section: a task that
 * comes in between wakes nobody.
 * race: explore --max-executions 300
 * expect: deadlock within 100
 */
#include "threads.h"

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static int nqueued, ndone;
static bool idle, wake;

static bool queue_take(void)
{
	pthread_mutex_lock(&queue_lock);
	bool any = nqueued > 0;
	if (any) {
		nqueued--;
		ndone++;
	}
	pthread_mutex_unlock(&queue_lock);
	return any;
}

static void idle_set(void)
{
	pthread_mutex_lock(&idle_lock);
	idle = true;
	pthread_mutex_unlock(&idle_lock);
}

static void wake_wait(void)
{
	pthread_mutex_lock(&idle_lock);
	while (!wake)
		pthread_cond_wait(&woken, &idle_lock);
	wake = false;
	pthread_mutex_unlock(&idle_lock);
}

static void *work(void *unused)
{
#ifdef FIXED
	idle_set();
	while (!queue_take())
		wake_wait();
#else
	while (!queue_take()) {
		idle_set();
		wake_wait();
	}
#endif
	return NULL;
}

static void *submit(void *unused)
{
	pthread_mutex_lock(&queue_lock);
	nqueued++;
	pthread_mutex_unlock(&queue_lock);
	pthread_mutex_lock(&idle_lock);
	if (idle) {
		wake = true;
		pthread_cond_signal(&woken);
	}
	pthread_mutex_unlock(&idle_lock);
	return NULL;
}

int main(void)
{
	run_two(submit, work);
	assert(ndone == 1);
	return 0;
}
