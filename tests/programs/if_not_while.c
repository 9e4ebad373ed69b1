/* A consumer tests with `if` around its wait: between the signal and its waking another one takes the item.
 * race: explore --max-executions 300
 * expect: assert within 200
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t added = PTHREAD_COND_INITIALIZER;
static int nitems;

static void *consume(void *unused)
{
	pthread_mutex_lock(&lock);
#ifdef FIXED
	while (nitems == 0)
#else
	if (nitems == 0)
#endif
		pthread_cond_wait(&added, &lock);
	assert(nitems > 0);
	nitems--;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *produce(void *unused)
{
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&lock);
		nitems++;
		pthread_cond_signal(&added);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	pthread_t producer = start(produce, NULL);
	run_two(consume, consume);
	finish(producer);
	assert(nitems == 0);
	return 0;
}
