/* T threads take one mutex N times each, R times over: lock_loop T N [R]. What executions are measured on. Where
 * LOCK_LOOP_HEAP is set, that many megabytes of heap have been written to before main. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counter;
static int rounds;

/* The block is the program's for as long as it runs. */
__attribute__((constructor)) static void fill_heap(void)
{
	const char *megabytes = getenv("LOCK_LOOP_HEAP");
	static char *volatile heap;

	if (megabytes) {
		size_t nbytes = (size_t)atoi(megabytes) << 20;
		heap = malloc(nbytes);
		memset(heap, 1, nbytes);
	}
}

static void *work(void *unused)
{
	for (int i = 0; i < rounds; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

int main(int count, char **arguments)
{
	pthread_t threads[256];
	int nthreads = count > 1 ? atoi(arguments[1]) : 2;
	int repeats = count > 3 ? atoi(arguments[3]) : 1;

	rounds = count > 2 ? atoi(arguments[2]) : 5;
	for (int repeat = 0; repeat < repeats; repeat++) {
		for (int i = 0; i < nthreads; i++)
			pthread_create(&threads[i], NULL, work, NULL);
		for (int i = 0; i < nthreads; i++)
			pthread_join(threads[i], NULL);
	}
	return counter == (long)nthreads * rounds * repeats ? 0 : 1;
}
