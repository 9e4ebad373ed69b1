/* The producer says that nothing more will come, but wakes nobody who is waiting already.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int nitems, nconsumed;
static bool finished;

static void *produce(void *unused)
{
	pthread_mutex_lock(&lock);
	nitems++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);

	pthread_mutex_lock(&lock);
	finished = true;
#ifdef FIXED
	pthread_cond_broadcast(&changed);
#endif
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *consume(void *unused)
{
	pthread_mutex_lock(&lock);
	while (nitems > 0 || !finished) {
		if (nitems == 0) {
			pthread_cond_wait(&changed, &lock);
			continue;
		}
		nitems--;
		nconsumed++;
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(produce, consume);
	assert(nconsumed == 1);
	return 0;
}
