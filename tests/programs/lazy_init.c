/* Double-checked creation whose second check was forgotten: the singleton is made twice.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int *instance;
static int nmade;

static int *instance_peek(void)
{
	pthread_mutex_lock(&lock);
	int *seen = instance;
	pthread_mutex_unlock(&lock);
	return seen;
}

static int *instance_get(void)
{
	int *seen = instance_peek();
	if (seen)
		return seen;
	pthread_mutex_lock(&lock);
#ifdef FIXED
	if (!instance)
#endif
	{
		instance = malloc(sizeof(*instance));
		*instance = ++nmade;
	}
	seen = instance;
	pthread_mutex_unlock(&lock);
	return seen;
}

static void *use(void *unused)
{
	int *mine = instance_get();
	assert(*mine == 1);
	return NULL;
}

int main(void)
{
	run_two(use, use);
	return 0;
}
