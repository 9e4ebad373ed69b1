/* Two threads take the same two locks in opposite order.
 * race: explore --max-executions 200
 * expect: deadlock within 20
 */
#include "threads.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b = PTHREAD_MUTEX_INITIALIZER;
static int value;

static void *forward(void *unused)
{
	pthread_mutex_lock(&a);
	pthread_mutex_lock(&b);
	value++;
	pthread_mutex_unlock(&b);
	pthread_mutex_unlock(&a);
	return NULL;
}

#ifdef FIXED
#define backward forward
#else
static void *backward(void *unused)
{
	pthread_mutex_lock(&b);
	pthread_mutex_lock(&a);
	value++;
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	return NULL;
}
#endif

int main(void)
{
	run_two(forward, backward);
	assert(value == 2);
	return 0;
}
