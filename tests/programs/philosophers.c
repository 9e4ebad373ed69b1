/* Three philosophers take the left fork first: a cycle of three locks.
 * race: explore --max-executions 500
 * expect: deadlock within 100
 */
#include "threads.h"

enum { SEATS = 3 };

static pthread_mutex_t forks[SEATS] = {
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
};
static int meals[SEATS];

static void *dine(void *number)
{
	int seat = (int)(intptr_t)number;
	int first = seat, second = (seat + 1) % SEATS;
#ifdef FIXED
	if (first > second) {
		first = second;
		second = seat;
	}
#endif
	pthread_mutex_lock(&forks[first]);
	pthread_mutex_lock(&forks[second]);
	meals[seat]++;
	pthread_mutex_unlock(&forks[second]);
	pthread_mutex_unlock(&forks[first]);
	return NULL;
}

int main(void)
{
	run_many(SEATS, dine);
	assert(meals[0] + meals[1] + meals[2] == SEATS);
	return 0;
}
