/* A home-made barrier is reset by the last to come, and the others look at a count that is zero again.
 * race: explore --max-executions 300
 * expect: deadlock within 50
 */
#include "threads.h"

enum { THREADS = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_here = PTHREAD_COND_INITIALIZER;
static int narrived, phase;

static void phase_wait(void)
{
	pthread_mutex_lock(&lock);
	int mine = phase;
	if (++narrived == THREADS) {
		narrived = 0;
		phase++;
		pthread_cond_broadcast(&all_here);
	}
#ifdef FIXED
	while (mine == phase)
		pthread_cond_wait(&all_here, &lock);
#else
	while (narrived != 0 && mine <= phase)
		pthread_cond_wait(&all_here, &lock);
#endif
	pthread_mutex_unlock(&lock);
}

static void *work(void *unused)
{
	phase_wait();
	phase_wait();
	return NULL;
}

int main(void)
{
	run_many(THREADS, work);
	assert(phase == 2);
	return 0;
}
