/* main takes a lock before there is another thread, and waits for one that wants it.
 * race: explore --max-executions 100
 * expect: deadlock within 1
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *use(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_mutex_lock(&lock);
	pthread_t user = start(use, NULL);
#ifdef FIXED
	pthread_mutex_unlock(&lock);
#endif
	finish(user);
#ifndef FIXED
	pthread_mutex_unlock(&lock);
#endif
	return 0;
}
