/* A thread ends with a robust mutex held, its update half done; the next owner takes EOWNERDEAD for success.
 * race: explore --max-executions 100
 * expect: assert within 20
 */
#include "threads.h"
#include <errno.h>

static pthread_mutex_t lock;
static int debit, credit;

static void *book(void *unused)
{
	pthread_mutex_lock(&lock);
	debit = 10;
	pthread_exit(NULL);
}

/* Both sides again equal, or nothing was booked. */
static void *balance(void *unused)
{
	int error = pthread_mutex_lock(&lock);
	assert(error == 0 || error == EOWNERDEAD);
#ifdef FIXED
	if (error == EOWNERDEAD) {
		credit = debit;
		pthread_mutex_consistent(&lock);
	}
#endif
	assert(debit == credit);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&lock, &attributes);
	run_two(balance, book);
	return 0;
}
