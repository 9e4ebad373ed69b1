/* A handler sets a flag, the loop looks at it and then pauses: a signal in between is slept over.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"
#include <signal.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t stop;
static int nrounds;

static void handle(int signal_number)
{
	stop = 1;
}

static void *serve(void *unused)
{
#ifdef FIXED
	sigset_t none;
	sigemptyset(&none);
#endif
	while (!stop) {
		pthread_mutex_lock(&lock);
		nrounds++;
		pthread_mutex_unlock(&lock);
#ifdef FIXED
		if (!stop)
			sigsuspend(&none);
#else
		pause();
#endif
	}
	return NULL;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handle};
	sigaction(SIGUSR1, &action, NULL);
#ifdef FIXED
	/* The server inherits this: the signal waits until it is in sigsuspend. */
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
#endif
	pthread_t server = start(serve, NULL);
	pthread_kill(server, SIGUSR1);
	finish(server);
	return 0;
}
