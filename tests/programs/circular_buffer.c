/* A producer claims its slot in one critical section and fills it in another: two producers fill the same slot.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"

enum { SLOTS = 4 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int slots[SLOTS];
static int nfilled;

#ifdef FIXED
static void buffer_put(int value)
{
	pthread_mutex_lock(&lock);
	slots[nfilled++ % SLOTS] = value;
	pthread_mutex_unlock(&lock);
}
#else
static int buffer_next(void)
{
	pthread_mutex_lock(&lock);
	int next = nfilled % SLOTS;
	pthread_mutex_unlock(&lock);
	return next;
}

static void buffer_put(int value)
{
	int next = buffer_next();
	pthread_mutex_lock(&lock);
	slots[next] = value;
	nfilled = next + 1;
	pthread_mutex_unlock(&lock);
}
#endif

static void *produce_low(void *unused)
{
	buffer_put(1);
	buffer_put(2);
	return NULL;
}

static void *produce_high(void *unused)
{
	buffer_put(10);
	buffer_put(20);
	return NULL;
}

int main(void)
{
	run_two(produce_low, produce_high);
	assert(nfilled == 4);
	assert(slots[0] + slots[1] + slots[2] + slots[3] == 33);
	return 0;
}
