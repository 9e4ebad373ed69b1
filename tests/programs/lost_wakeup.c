/* A waiter waits without looking whether what it waits for has happened; a signal before that is lost.
 * race: explore --max-executions 200
 * expect: deadlock within 20
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static bool here;

static void *wait_arrival(void *unused)
{
	pthread_mutex_lock(&lock);
#ifdef FIXED
	while (!here)
#endif
		pthread_cond_wait(&arrived, &lock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *arrive(void *unused)
{
	pthread_mutex_lock(&lock);
	here = true;
	pthread_cond_signal(&arrived);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(wait_arrival, arrive);
	assert(here);
	return 0;
}
