/* A barrier counts three workers, but one that finds nothing to do leaves without coming to it.
 * race: explore --max-executions 300
 * expect: deadlock within 100
 */
#include "threads.h"

static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int njobs = 2, nfinished;

static void *produce(void *unused)
{
	pthread_mutex_lock(&lock);
	njobs++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *work(void *unused)
{
	pthread_mutex_lock(&lock);
	bool any = njobs > 0;
	if (any)
		njobs--;
	pthread_mutex_unlock(&lock);
#ifndef FIXED
	if (!any)
		return NULL;
#endif
	pthread_barrier_wait(&barrier);
	pthread_mutex_lock(&lock);
	nfinished++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_barrier_init(&barrier, NULL, 3);
	pthread_t producer = start(produce, NULL);
	run_many(3, work);
	finish(producer);
	pthread_barrier_destroy(&barrier);
	assert(nfinished == 3);
	return 0;
}
