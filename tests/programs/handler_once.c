/* A handler for one time, set before the first thread, is there again in the next execution.
 * race: explore --reuse restore --strategy random --max-executions 30
 * expect: clean
 * race: explore --carrier thread --strategy random --max-executions 30
 * expect: clean
 */
#include <signal.h>

#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int nhandled;

static void handle(int number)
{
	struct sigaction now;
	sigaction(number, NULL, &now);
	assert(now.sa_handler == SIG_DFL);
	nhandled++;
}

static void *work(void *unused)
{
	pthread_mutex_lock(&lock);
	if (nhandled == 0)
		raise(SIGUSR1);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESETHAND}, now;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR1, NULL, &now);
	assert(now.sa_handler == handle && (now.sa_flags & (int)SA_RESETHAND));
	run_two(work, work);
	assert(nhandled == 1);
	return 0;
}
