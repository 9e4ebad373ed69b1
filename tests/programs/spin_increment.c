/* The split increment with spin locks, three threads.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_spinlock_t lock;
static int counter;

static void *increment(void *unused)
{
	pthread_spin_lock(&lock);
	int seen = counter;
#ifndef FIXED
	pthread_spin_unlock(&lock);
	pthread_spin_lock(&lock);
#endif
	counter = seen + 1;
	pthread_spin_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	run_many(3, increment);
	pthread_spin_destroy(&lock);
	assert(counter == 3);
	return 0;
}
