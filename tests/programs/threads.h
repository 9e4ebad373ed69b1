/*
 * Starting and joining threads in one word each, so that a test program shows what it is about.
 */
#ifndef TESTS_PROGRAMS_THREADS_H
#define TESTS_PROGRAMS_THREADS_H

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline pthread_t start(void *(*routine)(void *), void *argument)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, routine, argument);
	assert(error == 0);
	return thread;
}

static inline void finish(pthread_t thread)
{
	int error = pthread_join(thread, NULL);
	assert(error == 0);
}

/* Runs both to their ends, `first` created first. */
static inline void run_two(void *(*first)(void *), void *(*second)(void *))
{
	pthread_t one = start(first, NULL);
	pthread_t two = start(second, NULL);
	finish(one);
	finish(two);
}

/* Runs as many threads of one routine, each with its number as argument. */
static inline void run_many(int nthreads, void *(*routine)(void *))
{
	pthread_t threads[nthreads];
	for (intptr_t i = 0; i < nthreads; i++)
		threads[i] = start(routine, (void *)i);
	for (int i = 0; i < nthreads; i++)
		finish(threads[i]);
}

#endif
