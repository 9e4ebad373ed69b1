/* A session is looked up under the lock and used under a second one, after another thread has logged out.
 * race: explore --max-executions 200
 * expect: crash within 20
 */
#include "threads.h"

struct session {
	int nrequests;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct session only;
static struct session *volatile session = &only;

static void *serve(void *unused)
{
	pthread_mutex_lock(&lock);
	bool logged_in = session != NULL;
#ifndef FIXED
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&lock);
#endif
	if (logged_in)
		session->nrequests++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *log_out(void *unused)
{
	pthread_mutex_lock(&lock);
	session = NULL;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(serve, log_out);
	return 0;
}
