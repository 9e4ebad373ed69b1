/* C11 threads: the consumer decides to wait in one critical section and waits in another; the signal between them is
 * lost.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <threads.h>

static once_flag once = ONCE_FLAG_INIT;
static mtx_t lock;
static cnd_t added;
static int nitems;

static void queue_init(void)
{
	mtx_init(&lock, mtx_plain);
	cnd_init(&added);
}

static int produce(void *unused)
{
	call_once(&once, queue_init);
	mtx_lock(&lock);
	nitems++;
	cnd_signal(&added);
	mtx_unlock(&lock);
	return 0;
}

static int consume(void *unused)
{
	call_once(&once, queue_init);
	mtx_lock(&lock);
#ifdef FIXED
	while (nitems == 0)
		cnd_wait(&added, &lock);
#else
	bool empty = nitems == 0;
	mtx_unlock(&lock);
	mtx_lock(&lock);
	if (empty)
		cnd_wait(&added, &lock);
#endif
	nitems--;
	mtx_unlock(&lock);
	return 0;
}

int main(void)
{
	thrd_t producer, consumer;
	assert(thrd_create(&producer, produce, NULL) == thrd_success);
	assert(thrd_create(&consumer, consume, NULL) == thrd_success);
	thrd_join(producer, NULL);
	thrd_join(consumer, NULL);
	assert(nitems == 0);
	return 0;
}
