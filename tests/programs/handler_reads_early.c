/* A thread says by a signal that its result is there before it has stored it. Another one, which waits for its end, looks
 * at the result in the handler.
 * race: explore --max-executions 200
 * expect: assert within 10
 * race: explore --carrier thread --max-executions 200
 * expect: assert within 10
 */
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int result;
static sem_t listening;

static void take(int number)
{
	(void)number;
	pthread_mutex_lock(&lock);
	assert(result != 0);
	pthread_mutex_unlock(&lock);
}

static void store(void)
{
	pthread_mutex_lock(&lock);
	result = 1;
	pthread_mutex_unlock(&lock);
}

static void *work(void *unused)
{
	sem_wait(&listening);
#ifdef FIXED
	store();
	kill(getpid(), SIGUSR1);
#else
	kill(getpid(), SIGUSR1);
	store();
#endif
	return unused;
}

static void *watch(void *worker)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	sem_post(&listening);
	finish((pthread_t)worker);
	return NULL;
}

int main(void)
{
	struct sigaction action = {.sa_handler = take};
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sem_init(&listening, 0, 0);
	pthread_t worker = start(work, NULL);
	finish(start(watch, (void *)worker));
	return 0;
}
