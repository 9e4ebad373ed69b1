/*
 * Condition variables, for the two interfaces to them: pthread and C11 threads.
 */
#ifndef RACE_PTHREAD_COND_H
#define RACE_PTHREAD_COND_H

#include <pthread.h>
#include <time.h>

enum { PTHREAD_COND_OWN_CLOCK = -1 }; /* the clock that the condition was made with */

/*
 * Waits, at most until the deadline (NULL: for ever) of this clock. A
 * cancellation point, acting with the mutex locked again. 0, or an errno value.
 */
int pthread_cond_await(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline);

#endif
