/* An alarm that nobody catches ends its process, whoever is awake when it goes off: one that waits in it, another of its
 * threads, or only its parent. One that is caught, or is called off in time, does not.
 * race: explore --max-executions 40 -- alone
 * expect: clean
 * race: explore --max-executions 40 -- threads
 * expect: clean
 * race: explore --max-executions 40 --carrier thread -- threads
 * expect: clean
 * race: explore --max-executions 40 -- off
 * expect: clean
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *stick(void *unused)
{
	pthread_mutex_lock(&lock);
	return unused;
}

/* Waits for what never comes, but not for ever. */
static void child(const char *how)
{
	pthread_t thread;

	alarm(2);
	if (strcmp(how, "off") == 0) {
		alarm(0);
		_exit(3);
	}
	if (strcmp(how, "threads") == 0) {
		pthread_mutex_lock(&lock);
		int error = pthread_create(&thread, NULL, stick, NULL);
		assert(error == 0);
		pthread_join(thread, NULL);
	}
	pause();
	_exit(4);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "alone";
	int status;
	pid_t pid = fork();

	assert(pid >= 0);
	if (pid == 0)
		child(how);
	pid_t reaped = waitpid(pid, &status, 0);
	assert(reaped == pid);
	if (strcmp(how, "off") == 0)
		assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	else
		assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
	return 0;
}
