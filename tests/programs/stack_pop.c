/* "Is it empty?" and "take the top" are two calls: with one element left, two threads take it.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int elements[8];
static int height;

static void stack_push(int value)
{
	pthread_mutex_lock(&lock);
	elements[height++] = value;
	pthread_mutex_unlock(&lock);
}

#ifdef FIXED
static bool stack_take(int *value)
{
	pthread_mutex_lock(&lock);
	bool taken = height > 0;
	if (taken)
		*value = elements[--height];
	pthread_mutex_unlock(&lock);
	return taken;
}
#else
static bool stack_is_empty(void)
{
	pthread_mutex_lock(&lock);
	bool empty = height == 0;
	pthread_mutex_unlock(&lock);
	return empty;
}

static bool stack_take(int *value)
{
	if (stack_is_empty())
		return false;
	pthread_mutex_lock(&lock);
	assert(height > 0);
	*value = elements[--height];
	pthread_mutex_unlock(&lock);
	return true;
}
#endif

static void *take_all(void *unused)
{
	int value;
	while (stack_take(&value))
		;
	return NULL;
}

int main(void)
{
	stack_push(1);
	stack_push(2);
	run_two(take_all, take_all);
	assert(height == 0);
	return 0;
}
