/* Two requests are sent as two equal signals; when both come before the first is taken they are one.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include "threads.h"
#include <semaphore.h>
#include <signal.h>

static sem_t taken;

static void *serve(void *unused)
{
	sigset_t requests;
	sigemptyset(&requests);
	sigaddset(&requests, SIGUSR1);
	for (int i = 0; i < 2; i++) {
		int signal_number;
		int error = sigwait(&requests, &signal_number);
		assert(error == 0 && signal_number == SIGUSR1);
		sem_post(&taken);
	}
	return NULL;
}

int main(void)
{
	sigset_t requests;
	sigemptyset(&requests);
	sigaddset(&requests, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &requests, NULL);
	sem_init(&taken, 0, 0);
	pthread_t server = start(serve, NULL);
	for (int i = 0; i < 2; i++) {
		pthread_kill(server, SIGUSR1);
#ifdef FIXED
		sem_wait(&taken);
#endif
	}
	finish(server);
	return 0;
}
