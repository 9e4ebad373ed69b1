/* Three threads each join the next one: nobody can end first.
 * race: explore --max-executions 50
 * expect: deadlock within 1
 */
#include "threads.h"
#include <semaphore.h>

enum { THREADS = 3 };

static pthread_t threads[THREADS];
static sem_t created;

static void *join_next(void *number)
{
	intptr_t mine = (intptr_t)number;
	sem_wait(&created);
	sem_post(&created);
#ifdef FIXED
	if (mine == THREADS - 1)
		return NULL;
#endif
	finish(threads[(mine + 1) % THREADS]);
	return NULL;
}

int main(void)
{
	sem_init(&created, 0, 0);
	for (intptr_t i = 0; i < THREADS; i++)
		threads[i] = start(join_next, (void *)i);
	sem_post(&created);
#ifdef FIXED
	finish(threads[0]);
#else
	pthread_exit(NULL);
#endif
	return 0;
}
