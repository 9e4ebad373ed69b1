/* A full queue is flushed by a function that takes the lock its caller already has; it is full only when both
 * producers come before the consumer.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int nqueued;

static void queue_flush(void)
{
#ifndef FIXED
	pthread_mutex_lock(&lock);
#endif
	nqueued = 0;
#ifndef FIXED
	pthread_mutex_unlock(&lock);
#endif
}

static void *produce(void *unused)
{
	pthread_mutex_lock(&lock);
	if (nqueued == 1)
		queue_flush();
	nqueued++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *consume(void *unused)
{
	pthread_mutex_lock(&lock);
	nqueued = 0;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t producer = start(produce, NULL);
	run_two(consume, produce);
	finish(producer);
	return 0;
}
