/* The waiter waits on one condition variable, everybody else signals another.
 * race: explore --max-executions 50
 * expect: deadlock within 5
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static pthread_cond_t emptied = PTHREAD_COND_INITIALIZER;
static bool full;

static void *drain(void *unused)
{
	pthread_mutex_lock(&lock);
	while (!full)
		pthread_cond_wait(&filled, &lock);
	full = false;
	pthread_cond_signal(&emptied);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *fill(void *unused)
{
	pthread_mutex_lock(&lock);
	full = true;
#ifdef FIXED
	pthread_cond_signal(&filled);
#else
	pthread_cond_signal(&emptied);
#endif
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(drain, fill);
	assert(!full);
	return 0;
}
