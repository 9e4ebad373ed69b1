/* Three threads guard a total with one lock, a fourth with another: its update is lost, or loses theirs.
 * race: explore --max-executions 300
 * expect: assert within 100
 */
#include "threads.h"

static pthread_mutex_t total_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int total, nlogged;

static void log_line(void)
{
	pthread_mutex_lock(&log_lock);
	nlogged++;
	pthread_mutex_unlock(&log_lock);
}

static void total_add(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	int seen = total;
	log_line();
	total = seen + 1;
	pthread_mutex_unlock(lock);
}

static void *add(void *unused)
{
	total_add(&total_lock);
	return NULL;
}

static void *add_late_patch(void *unused)
{
#ifdef FIXED
	total_add(&total_lock);
#else
	total_add(&other_lock);
#endif
	return NULL;
}

int main(void)
{
	pthread_t patch = start(add_late_patch, NULL);
	run_many(3, add);
	finish(patch);
	pthread_mutex_destroy(&other_lock);
	assert(total == 4 && nlogged == 4);
	return 0;
}
