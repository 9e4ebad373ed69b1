/* A mailbox for one message; the sender waits until it is empty, then puts: two senders, one message overwritten.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int mail;

static void *send(void *number)
{
	pthread_mutex_lock(&lock);
	while (mail != 0)
		pthread_cond_wait(&changed, &lock);
#ifndef FIXED
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
#endif
	assert(mail == 0);
	mail = 1 + (int)(intptr_t)number;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *receive(void *unused)
{
	pthread_mutex_lock(&lock);
	for (int nreceived = 0; nreceived < 2; nreceived++) {
		while (mail == 0)
			pthread_cond_wait(&changed, &lock);
		mail = 0;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t receiver = start(receive, NULL);
	run_many(2, send);
	finish(receiver);
	return 0;
}
