/* A script that starts a server looks for it every tenth of a second, and gives up after ten times; fixed, after a hundred:
 * a server that works all the while is not that slow. The one who sleeps is another process each time, as in a shell.
 * race: explore --strategy random --max-executions 200
 * expect: exit
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "threads.h"

#ifdef FIXED
enum { NLOOKS = 100 };
#else
enum { NLOOKS = 10 };
#endif

static volatile int *ready;

/* Comes up, in many small steps. */
static void serve(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i < 150; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	*ready = 1;
	_exit(0);
}

static void sleep_elsewhere(void)
{
	pid_t pid = fork();

	assert(pid >= 0);
	if (pid == 0) {
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

int main(void)
{
	int nlooks = 0;

	ready = mmap(NULL, sizeof *ready, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(ready != MAP_FAILED);
	if (fork() == 0)
		serve();
	while (!*ready && nlooks++ < NLOOKS)
		sleep_elsewhere();
	return *ready ? 0 : 1;
}
