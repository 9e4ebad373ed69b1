/* What a waiter waits for is set under another lock than the one it waits with: the signal falls between its test
 * and its wait.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static bool is_ready;

static bool state_read(void)
{
	pthread_mutex_lock(&state_lock);
	bool seen = is_ready;
	pthread_mutex_unlock(&state_lock);
	return seen;
}

static void *wait_ready(void *unused)
{
	pthread_mutex_lock(&queue_lock);
	while (!state_read())
		pthread_cond_wait(&ready, &queue_lock);
	pthread_mutex_unlock(&queue_lock);
	return NULL;
}

static void *make_ready(void *unused)
{
#ifdef FIXED
	pthread_mutex_lock(&queue_lock);
#endif
	pthread_mutex_lock(&state_lock);
	is_ready = true;
	pthread_mutex_unlock(&state_lock);
	pthread_cond_signal(&ready);
#ifdef FIXED
	pthread_mutex_unlock(&queue_lock);
#endif
	return NULL;
}

int main(void)
{
	run_two(wait_ready, make_ready);
	return 0;
}
