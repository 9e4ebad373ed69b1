/* A thread pool is shut down with one signal, which wakes one of its two workers; the other sleeps for ever.
 * race: explore --max-executions 300
 * expect: deadlock within 100
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int nqueued, ndone;
static bool stop;

static void *work(void *unused)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		while (nqueued == 0 && !stop)
			pthread_cond_wait(&changed, &lock);
		if (nqueued == 0)
			break;
		nqueued--;
		ndone++;
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *submit(void *unused)
{
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&lock);
		nqueued++;
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
	}
	pthread_mutex_lock(&lock);
	stop = true;
#ifdef FIXED
	pthread_cond_broadcast(&changed);
#else
	pthread_cond_signal(&changed);
#endif
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t submitter = start(submit, NULL);
	run_two(work, work);
	finish(submitter);
	assert(ndone == 2);
	return 0;
}
