/* A gate lets two in, then closes; who is late to wake finds it closed, although it was let in.
 * race: explore --max-executions 300
 * expect: deadlock within 100
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static bool open;
static int nopenings, ninside;

static void *visit(void *unused)
{
	pthread_mutex_lock(&lock);
#ifdef FIXED
	while (nopenings == 0)
#else
	while (!open)
#endif
		pthread_cond_wait(&moved, &lock);
	ninside++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *open_and_close(void *unused)
{
	pthread_mutex_lock(&lock);
	open = true;
	nopenings++;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);

	pthread_mutex_lock(&lock);
	open = false;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t visitor = start(visit, NULL);
	finish(start(open_and_close, NULL));
	finish(visitor);
	assert(ninside == 1);
	return 0;
}
