/* T threads take one mutex N times each, R times over: lock_loop T N [R]. What executions are measured on. */
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counter;
static int rounds;

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
	pthread_t threads[64];
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
