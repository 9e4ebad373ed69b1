/* A consumer takes one item for each wake-up, but an eventfd gives two wake-ups at once: the last item is left.
 * race: explore --strategy auto --max-executions 200
 * expect: deadlock within 50
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "threads.h"

enum { ITEMS = 3 };

static int event, nqueued, ntaken;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *produce(void *unused)
{
	for (int i = 0; i < ITEMS; i++) {
		uint64_t one = 1;
		pthread_mutex_lock(&mutex);
		nqueued++;
		pthread_mutex_unlock(&mutex);
		assert(write(event, &one, sizeof(one)) == sizeof(one));
	}
	return unused;
}

static void *consume(void *unused)
{
	while (ntaken < ITEMS) {
		uint64_t count;
		assert(read(event, &count, sizeof(count)) == sizeof(count));
#ifndef FIXED
		count = 1;
#endif
		pthread_mutex_lock(&mutex);
		for (; count > 0; count--) {
			assert(nqueued > 0);
			nqueued--;
			ntaken++;
		}
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

int main(void)
{
	event = eventfd(0, 0);
	assert(event >= 0);
	run_two(produce, consume);
	return 0;
}
