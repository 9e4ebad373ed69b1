/* The consumer waits for an item while it holds the mutex that the producer needs to deliver one.
 * race: explore --max-executions 200
 * expect: deadlock within 20
 */
#include "threads.h"
#include <semaphore.h>

static sem_t nitems;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int items;

static void *produce(void *unused)
{
	pthread_mutex_lock(&lock);
	items++;
	pthread_mutex_unlock(&lock);
	sem_post(&nitems);
	return NULL;
}

static void *consume(void *unused)
{
#ifdef FIXED
	sem_wait(&nitems);
	pthread_mutex_lock(&lock);
#else
	pthread_mutex_lock(&lock);
	sem_wait(&nitems);
#endif
	items--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	sem_init(&nitems, 0, 0);
	run_two(produce, consume);
	assert(items == 0);
	return 0;
}
