/*
 * Two values that belong together, each under a lock of its own; a reader that comes between their updates sees one
 * of them only. FIXED updates and reads them as one.
 */
#ifndef TESTS_PROGRAMS_TWOSTAGE_H
#define TESTS_PROGRAMS_TWOSTAGE_H

#include "threads.h"

static pthread_mutex_t first_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second_lock = PTHREAD_MUTEX_INITIALIZER;
static int first, second;

static void *write_both(void *unused)
{
	pthread_mutex_lock(&first_lock);
	first = 1;
#ifndef FIXED
	pthread_mutex_unlock(&first_lock);
#endif
	pthread_mutex_lock(&second_lock);
	second = first + 1;
	pthread_mutex_unlock(&second_lock);
#ifdef FIXED
	pthread_mutex_unlock(&first_lock);
#endif
	return NULL;
}

static void *read_both(void *unused)
{
	pthread_mutex_lock(&first_lock);
	int seen_first = first;
#ifndef FIXED
	pthread_mutex_unlock(&first_lock);
#endif
	pthread_mutex_lock(&second_lock);
	int seen_second = second;
	pthread_mutex_unlock(&second_lock);
#ifdef FIXED
	pthread_mutex_unlock(&first_lock);
#endif
	assert(seen_first == 0 || seen_second == seen_first + 1);
	return NULL;
}

#endif
