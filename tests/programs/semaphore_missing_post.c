/* A worker that finds no work leaves without giving back its permit, and the next one waits for ever.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"
#include <semaphore.h>

static sem_t permit;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int njobs;

static bool job_take(void)
{
	pthread_mutex_lock(&lock);
	bool taken = njobs > 0;
	if (taken)
		njobs--;
	pthread_mutex_unlock(&lock);
	return taken;
}

static void *submit(void *unused)
{
	pthread_mutex_lock(&lock);
	njobs += 2;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *work(void *unused)
{
	sem_wait(&permit);
#ifdef FIXED
	job_take();
#else
	if (!job_take())
		return NULL;
#endif
	sem_post(&permit);
	return NULL;
}

int main(void)
{
	sem_init(&permit, 0, 1);
	pthread_t submitter = start(submit, NULL);
	run_two(work, work);
	finish(submitter);
	return 0;
}
