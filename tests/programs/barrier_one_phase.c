/* One worker merges the results after the barrier at which both met; the other reads the merged result at once.
 * race: explore --max-executions 300
 * expect: assert within 20
 */
#include "threads.h"

static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int parts[2], merged;

static void part_set(int number)
{
	pthread_mutex_lock(&lock);
	parts[number] = number + 1;
	pthread_mutex_unlock(&lock);
}

static void merge(void)
{
	pthread_mutex_lock(&lock);
	merged = parts[0] + parts[1];
	pthread_mutex_unlock(&lock);
}

static void *read_result(void *unused)
{
	part_set(0);
	pthread_barrier_wait(&barrier);
#ifdef FIXED
	pthread_barrier_wait(&barrier);
#endif
	pthread_mutex_lock(&lock);
	assert(merged == 3);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *merge_results(void *unused)
{
	part_set(1);
	pthread_barrier_wait(&barrier);
	merge();
#ifdef FIXED
	pthread_barrier_wait(&barrier);
#endif
	return NULL;
}

int main(void)
{
	pthread_barrier_init(&barrier, NULL, 2);
	run_two(merge_results, read_result);
	pthread_barrier_destroy(&barrier);
	return 0;
}
