/* A routine of pthread_once takes a lock that another caller of the same pthread_once already holds.
 * race: explore --max-executions 200
 * expect: deadlock within 20
 */
#include "threads.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int table;

static void table_build(void)
{
	pthread_mutex_lock(&lock);
	table = 1;
	pthread_mutex_unlock(&lock);
}

static void *look_up(void *unused)
{
	pthread_once(&once, table_build);
	return NULL;
}

static void *insert(void *unused)
{
#ifdef FIXED
	pthread_once(&once, table_build);
#endif
	pthread_mutex_lock(&lock);
#ifndef FIXED
	if (table == 0) {
		/* not built yet: whoever comes first builds it */
		pthread_once(&once, table_build);
	}
#endif
	table++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_two(look_up, insert);
	assert(table == 2);
	return 0;
}
