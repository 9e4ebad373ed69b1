/* A queue between two threads, a microsecond of work in each critical section. Prints the seconds it took. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROOM = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long items[ROOM], nitems, nrounds, spins;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void work(long n)
{
	for (volatile long i = 0; i < n; i++)
		;
}

static void calibrate(void)
{
	double best = 1;
	for (int round = 0; round < 20; round++) {
		double start = now();
		work(100000);
		double took = now() - start;
		best = took < best ? took : best;
	}
	spins = (long)(1e-6 / (best / 100000));
}

static void *produce(void *unused)
{
	for (long i = 0; i < nrounds; i++) {
		pthread_mutex_lock(&lock);
		while (nitems == ROOM)
			pthread_cond_wait(&changed, &lock);
		work(spins);
		items[nitems++] = i;
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

static void *consume(void *unused)
{
	for (long i = 0; i < nrounds; i++) {
		pthread_mutex_lock(&lock);
		while (nitems == 0)
			pthread_cond_wait(&changed, &lock);
		work(spins);
		nitems--;
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t producer, consumer;
	nrounds = argc > 1 ? atol(argv[1]) : 200000;
	calibrate();
	double start = now();
	pthread_create(&producer, NULL, produce, NULL);
	pthread_create(&consumer, NULL, consume, NULL);
	pthread_join(producer, NULL);
	pthread_join(consumer, NULL);
	printf("%.4f\n", now() - start);
	return 0;
}
