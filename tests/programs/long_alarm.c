/* A limit of a day for all that is done, which a handler takes for the end; and one that sends nothing. Work that takes a
 * moment does not meet them, whoever sleeps or yields meanwhile.
 * race: explore --max-executions 300
 * expect: clean
 * race: explore --strategy random --max-executions 200 --carrier thread
 * expect: clean
 */
#include "threads.h"
#include <signal.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t is_over;

static void handle(int number)
{
	is_over = number;
}

static void *work(void *unused)
{
	struct timespec none = {0}, moment = {.tv_nsec = 1000000};

	for (int i = 0; i < 3; i++) {
		nanosleep(i ? &moment : &none, NULL);
		pthread_mutex_lock(&lock);
		assert(!is_over);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handle};
	struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
	struct itimerspec later = {.it_value.tv_sec = 86000}, left;
	timer_t timer;

	sigaction(SIGALRM, &action, NULL);
	alarm(86400);
	assert(timer_create(CLOCK_MONOTONIC, &nothing, &timer) == 0 && timer_settime(timer, 0, &later, NULL) == 0);
	pthread_t first = start(work, NULL), second = start(work, NULL);
	finish(first);
	finish(second);
	assert(timer_gettime(timer, &left) == 0 && left.it_value.tv_sec > 85000);
	return is_over;
}
