/*
 * A lock is taken before each fork and given back after it on both sides, as Perl and other interpreters do: the child
 * holds its copy, whoever goes first.
 * race: explore --max-executions 100
 * expect: clean
 * race: explore --strategy random --max-executions 30
 * expect: clean
 */
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take(void)
{
	int error = pthread_mutex_lock(&lock);
	assert(error == 0);
}

static void give(void)
{
	int error = pthread_mutex_unlock(&lock);
	assert(error == 0);
}

int main(void)
{
	pid_t children[2];

	pthread_atfork(take, give, give);
	for (int i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			take();
			give();
			_exit(0);
		}
	}
	for (int i = 0; i < 2; i++) {
		int status;
		waitpid(children[i], &status, 0);
		assert(status == 0);
	}
	return 0;
}
