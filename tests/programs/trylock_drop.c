/* A statistic is skipped when its lock is busy: trylock's failure was taken for "somebody else does it".
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int nrequests;

static void *serve(void *unused)
{
#ifdef FIXED
	pthread_mutex_lock(&lock);
#else
	if (pthread_mutex_trylock(&lock) != 0)
		return NULL;
#endif
	nrequests++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(serve, serve);
	assert(nrequests == 2);
	return 0;
}
