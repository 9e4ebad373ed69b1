/*
 * Threads, for the two interfaces to them: pthread and C11 threads.
 */
#ifndef RACE_PTHREAD_THREAD_H
#define RACE_PTHREAD_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* As pthread_create, for a routine that returns an int. */
int pthread_thread_create(pthread_t *thread, int (*routine)(void *), void *argument);

/* As pthread_join. */
int pthread_thread_join(pthread_t thread, void **value);

/* The same two where a program is observed; a genuine join stands between the halves of the second. */
int pthread_thread_create_observed(pthread_t *thread, int (*routine)(void *), void *argument, uint64_t site);
uint32_t pthread_thread_before_join(pthread_t thread);
int pthread_thread_joined(uint32_t task, int error, uint64_t site);

#define PTHREAD_THREAD_JOIN_OBSERVED(thread, call) \
	({ \
		uint32_t joined_task = pthread_thread_before_join(thread); \
		pthread_thread_joined(joined_task, call, (uint64_t)(uintptr_t)__builtin_return_address(0)); \
	})

#endif
