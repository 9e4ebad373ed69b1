/* Home-made mutual exclusion: look at the other's flag, then raise one's own. Both look first, and both go in.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool raised[2];
static int ninside;

static bool flag_try(int mine)
{
	pthread_mutex_lock(&lock);
	bool free = !raised[1 - mine];
#ifndef FIXED
	pthread_mutex_unlock(&lock);
	if (!free)
		return false;
	pthread_mutex_lock(&lock);
	raised[mine] = true;
#else
	raised[mine] = free;
#endif
	pthread_mutex_unlock(&lock);
	return free;
}

static void inside_change(int by)
{
	pthread_mutex_lock(&lock);
	ninside += by;
	assert(ninside <= 1);
	pthread_mutex_unlock(&lock);
}

static void *visit(void *number)
{
	int mine = (int)(intptr_t)number;
	if (!flag_try(mine))
		return NULL;
	inside_change(1);
	inside_change(-1);
	pthread_mutex_lock(&lock);
	raised[mine] = false;
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	run_many(2, visit);
	assert(ninside == 0);
	return 0;
}
