/* Each of two threads waits, politely yielding, for the other to go first.
 * race: explore --strategy auto --max-executions 100
 * expect: livelock within 5
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool gone[2];

static bool gone_read(int who)
{
	pthread_mutex_lock(&lock);
	bool seen = gone[who];
	pthread_mutex_unlock(&lock);
	return seen;
}

static void *go_through(void *number)
{
	int mine = (int)(intptr_t)number;
#ifdef FIXED
	while (mine == 1 && !gone_read(0))
#else
	while (!gone_read(1 - mine))
#endif
		sched_yield();
	pthread_mutex_lock(&lock);
	gone[mine] = true;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_many(2, go_through);
	return 0;
}
