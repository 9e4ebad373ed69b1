/* Readers and a writer wait on one condition; the one signal wakes whom it doesn't concern, who sleeps on.
 * race: explore --max-executions 500
 * expect: deadlock within 200
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int stage;

static void stage_wait(int wanted)
{
	pthread_mutex_lock(&lock);
	while (stage < wanted)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void stage_advance(void)
{
	pthread_mutex_lock(&lock);
	stage++;
#ifdef FIXED
	pthread_cond_broadcast(&changed);
#else
	pthread_cond_signal(&changed);
#endif
	pthread_mutex_unlock(&lock);
}

/* Ends the first stage. */
static void *load(void *unused)
{
	stage_advance();
	return NULL;
}

/* Needs the first stage, ends the second. */
static void *convert(void *unused)
{
	stage_wait(1);
	stage_advance();
	return NULL;
}

/* Needs the second stage. */
static void *save(void *unused)
{
	stage_wait(2);
	return NULL;
}

int main(void)
{
	pthread_t loader = start(load, NULL);
	run_two(convert, save);
	finish(loader);
	return 0;
}
