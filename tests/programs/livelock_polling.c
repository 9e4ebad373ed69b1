/* Two threads take one lock each and then poll for the other's, yielding in between: both go on for ever, neither
 * gets anywhere.
 * race: explore --max-executions 200
 * expect: livelock within 20
 * replays: 2
 * time-limit: 120
 */
#include "threads.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;

static void take_both(pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	while (pthread_mutex_trylock(second) != 0) {
#ifdef FIXED
		pthread_mutex_unlock(first);
		sched_yield();
		pthread_mutex_lock(first);
#else
		sched_yield();
#endif
	}
	pthread_mutex_unlock(second);
	pthread_mutex_unlock(first);
}

static void *forward(void *unused)
{
	take_both(&a, &b);
	return NULL;
}

static void *backward(void *unused)
{
	take_both(&b, &a);
	return NULL;
}

int main(void)
{
	run_two(forward, backward);
	return 0;
}
