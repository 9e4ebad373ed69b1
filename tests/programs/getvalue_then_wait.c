/* A semaphore's value is looked at to wait only when that won't block; two threads see the same last unit.
 * race: explore --max-executions 200
 * expect: deadlock within 20
 */
#include "threads.h"
#include <semaphore.h>

static sem_t units;

static void *take(void *unused)
{
#ifdef FIXED
	sem_trywait(&units);
#else
	int value;
	sem_getvalue(&units, &value);
	if (value > 0)
		sem_wait(&units);
#endif
	return NULL;
}

int main(void)
{
	int left;
	sem_init(&units, 0, 1);
	run_two(take, take);
	sem_getvalue(&units, &left);
	assert(left == 0);
	return 0;
}
