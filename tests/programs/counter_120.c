/* 120 threads increment a counter; the one with number 60 reads and writes it in two critical sections.
 * race: explore --max-executions 500
 * expect: assert within 100
 * time-limit: 120
 */
#include "threads.h"

enum { THREADS = 120 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void *increment(void *number)
{
	pthread_mutex_lock(&lock);
	int seen = counter;
#ifndef FIXED
	if ((intptr_t)number == 60) {
		pthread_mutex_unlock(&lock);
		pthread_mutex_lock(&lock);
	}
#endif
	counter = seen + 1;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_many(THREADS, increment);
	assert(counter == THREADS);
	return 0;
}
