/* A reader that finds the entry stale asks for the write lock without giving back its read lock.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static bool fresh;

static void *refresh(void *unused)
{
	pthread_rwlock_wrlock(&lock);
	fresh = true;
	pthread_rwlock_unlock(&lock);
	return NULL;
}

static void *look_up(void *unused)
{
	pthread_rwlock_rdlock(&lock);
	if (!fresh) {
#ifdef FIXED
		pthread_rwlock_unlock(&lock);
#endif
		pthread_rwlock_wrlock(&lock);
		fresh = true;
	}
	pthread_rwlock_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_t refresher = start(refresh, NULL);
	run_two(look_up, look_up);
	finish(refresher);
	assert(fresh);
	return 0;
}
