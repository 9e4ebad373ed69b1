/* pthread_once freezes what the first caller saw: who comes before the level is set keeps the wrong one for good.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int configured_level, level;

static void level_init(void)
{
	pthread_mutex_lock(&lock);
	level = configured_level;
	pthread_mutex_unlock(&lock);
}

static void *configure(void *unused)
{
	pthread_mutex_lock(&lock);
	configured_level = 3;
	pthread_mutex_unlock(&lock);
	pthread_once(&once, level_init);
	return NULL;
}

static void *use(void *unused)
{
	pthread_once(&once, level_init);
	return NULL;
}

int main(void)
{
#ifdef FIXED
	configure(NULL);
#endif
	run_two(configure, use);
	assert(level == 3);
	return 0;
}
