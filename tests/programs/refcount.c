/* A reference is dropped in one critical section and the count tested in another: two owners see zero, both free.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int nreferences = 2, nfreed;

static void *release(void *unused)
{
	pthread_mutex_lock(&lock);
	int left = --nreferences;
	pthread_mutex_unlock(&lock);

	pthread_mutex_lock(&lock);
#ifndef FIXED
	left = nreferences;
#endif
	if (left == 0)
		nfreed++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(release, release);
	assert(nfreed == 1);
	return 0;
}
