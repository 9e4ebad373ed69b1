/* A counter is read in one critical section and written in another: one of two increments gets lost.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void *increment(void *unused)
{
	pthread_mutex_lock(&lock);
	int seen = counter;
#ifndef FIXED
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
#endif
	counter = seen + 1;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(increment, increment);
	assert(counter == 2);
	return 0;
}
