/* When the item is gone already, the lock is given back twice; the error-checking mutex says so.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static int nitems = 1;

static void *take(void *unused)
{
	pthread_mutex_lock(&lock);
	bool gone = nitems == 0;
	if (gone) {
#ifndef FIXED
		pthread_mutex_unlock(&lock);
#endif
	} else {
		nitems--;
	}
	int error = pthread_mutex_unlock(&lock);
	assert(error == 0);
	return NULL;
}

static void *restock(void *unused)
{
	pthread_mutex_lock(&lock);
	nitems++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t first = start(take, NULL);
	run_two(restock, take);
	finish(first);
	return 0;
}
