/* A writer releases the lock between the two halves of a pair: a reader sees the new key with the old value.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int key = 1, value = 10;

static void *write_pair(void *unused)
{
	pthread_mutex_lock(&lock);
	key = 2;
#ifndef FIXED
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
#endif
	value = 20;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *read_pair(void *unused)
{
	pthread_mutex_lock(&lock);
	assert(value == key * 10);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(write_pair, read_pair);
	return 0;
}
