/* A runtime's housekeeping thread sleeps for a millisecond again and again, by system calls of its own: the others go on,
 * and the result says so.
 * race: explore --max-executions 2
 * expect: clean
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "threads.h"

static atomic_int over;
static int counter;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void nap(void)
{
	struct timespec millisecond = {.tv_nsec = 1000000};
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "0"(35L), "D"(&millisecond), "S"(0L) : "rcx", "r11", "memory");
}

static void *keep_house(void *unused)
{
	while (!atomic_load(&over))
		nap();
	return unused;
}

static void *count(void *unused)
{
	pthread_mutex_lock(&mutex);
	counter++;
	pthread_mutex_unlock(&mutex);
	return unused;
}

int main(void)
{
	pthread_t house, workers[2];

	pthread_create(&house, NULL, keep_house, NULL);
	for (int i = 0; i < 2; i++)
		pthread_create(&workers[i], NULL, count, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(workers[i], NULL);
	atomic_store(&over, 1);
	pthread_join(house, NULL);
	return counter != 2;
}
