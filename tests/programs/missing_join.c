/* The result of a detached thread is used although nobody waits for it: a semaphore counts the wrong thread's post.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"
#include <semaphore.h>

static sem_t done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int sum;

static void sum_add(int value)
{
	pthread_mutex_lock(&lock);
	sum += value;
	pthread_mutex_unlock(&lock);
}

static void *add_one(void *unused)
{
	sum_add(1);
	sem_post(&done);
	return NULL;
}

static void *add_two(void *unused)
{
#ifdef FIXED
	sum_add(2);
	sem_post(&done);
#else
	sem_post(&done);
	sum_add(2);
#endif
	return NULL;
}

int main(void)
{
	sem_init(&done, 0, 0);
	pthread_detach(start(add_two, NULL));
	pthread_detach(start(add_one, NULL));
	sem_wait(&done);
	sem_wait(&done);
	pthread_mutex_lock(&lock);
	assert(sum == 3);
	pthread_mutex_unlock(&lock);
	return 0;
}
