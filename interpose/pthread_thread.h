/*
 * Threads, for the two interfaces to them: pthread and C11 threads.
 */
#ifndef RACE_PTHREAD_THREAD_H
#define RACE_PTHREAD_THREAD_H

#include <pthread.h>

/* As pthread_create, for a routine that returns an int. */
int pthread_thread_create(pthread_t *thread, int (*routine)(void *), void *argument);

/* As pthread_join. */
int pthread_thread_join(pthread_t thread, void **value);

#endif
