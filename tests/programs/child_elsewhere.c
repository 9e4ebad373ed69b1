/* A child runs another program, which is mapped where this one is. What the parent does afterwards has this one's names.
 * race: explore --max-executions 20
 * expect: deadlock
 * class: self-deadlock
 * message: again waits for inventory held by itself
 */
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

static pthread_mutex_t inventory = PTHREAD_MUTEX_INITIALIZER;

static void *again(void *unused)
{
	pthread_mutex_lock(&inventory);
#ifndef FIXED
	pthread_mutex_lock(&inventory);
#endif
	pthread_mutex_unlock(&inventory);
	return unused;
}

int main(void)
{
	if (fork() == 0) {
		execl("/bin/bash", "bash", "-c", "exit 0", NULL);
		_exit(1);
	}
	wait(NULL);
	finish(start(again, NULL));
	return 0;
}
