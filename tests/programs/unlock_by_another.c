/* A helper gives back the lock that its caller took; the pthread standard leaves open what that does.
 * race: explore --max-executions 100
 * expect: misuse within 2
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int state;

static void *help(void *unused)
{
	(void)unused;
	state++;
#ifndef FIXED
	pthread_mutex_unlock(&lock);
#endif
	return NULL;
}

int main(void)
{
	pthread_mutex_lock(&lock); /* while nobody else is there */
	pthread_t helper = start(help, NULL);
	finish(helper);
#ifdef FIXED
	pthread_mutex_unlock(&lock);
#endif
	return 0;
}
