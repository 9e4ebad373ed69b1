/* A recursive mutex is locked twice, but on the path where the item is gone unlocked once.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int nitems = 1, ntaken;

static bool item_take(void)
{
	pthread_mutex_lock(&lock);
	if (nitems == 0) {
#ifdef FIXED
		pthread_mutex_unlock(&lock);
#endif
		return false;
	}
	nitems--;
	pthread_mutex_unlock(&lock);
	return true;
}

static void *take(void *unused)
{
	pthread_mutex_lock(&lock);
	if (item_take())
		ntaken++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *restock(void *unused)
{
	pthread_mutex_lock(&lock);
	nitems++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t first = start(take, NULL);
	run_two(restock, take);
	finish(first);
	assert(ntaken >= 1 && ntaken <= 2);
	return 0;
}
