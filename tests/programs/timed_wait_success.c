/* A time-out of a timed wait is taken for success.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"
#include <errno.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;
static int answer;

static int answer_await(void)
{
	struct timespec deadline;
	int error = 0;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += 5;
	pthread_mutex_lock(&lock);
	while (answer == 0 && error == 0)
		error = pthread_cond_timedwait(&answered, &lock, &deadline);
#ifdef FIXED
	while (answer == 0)
		pthread_cond_wait(&answered, &lock);
#endif
	int seen = answer;
	pthread_mutex_unlock(&lock);
	return seen;
}

static void *ask(void *unused)
{
	assert(answer_await() == 42);
	return NULL;
}

static void *reply(void *unused)
{
	pthread_mutex_lock(&lock);
	answer = 42;
	pthread_cond_signal(&answered);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(ask, reply);
	return 0;
}
