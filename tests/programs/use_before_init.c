/* A worker uses the configuration that another thread fills in, and nothing says who goes first.
 * race: explore --max-executions 200
 * expect: assert within 10
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int limit;

static void *configure(void *unused)
{
	pthread_mutex_lock(&lock);
	limit = 10;
	pthread_cond_broadcast(&filled);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *work(void *unused)
{
	pthread_mutex_lock(&lock);
#ifdef FIXED
	while (limit == 0)
		pthread_cond_wait(&filled, &lock);
#endif
	assert(limit == 10);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(configure, work);
	return 0;
}
