/* Two processes take turns by named semaphores, which are gone afterwards.
 * race: explore --max-executions 100
 * expect: clean
 */
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

static sem_t *open_new(const char *suffix)
{
	char name[64];

	snprintf(name, sizeof name, "/named-semaphore-%d-%s", (int)getpid(), suffix);
	sem_t *sem = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	assert(sem != SEM_FAILED);
	assert(sem_open(name, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED && errno == EEXIST);
	assert(sem_open(name, 0) == sem);
	sem_close(sem);
	sem_unlink(name);
	return sem;
}

int main(void)
{
	sem_t *ask = open_new("ask"), *answer = open_new("answer");
	int status = 0, value;
	pid_t child = fork();

	assert(child >= 0);
	if (child == 0) {
		for (int i = 0; i < 3; i++) {
			sem_wait(ask);
			sem_post(answer);
		}
		_exit(3);
	}
	for (int i = 0; i < 3; i++) {
		sem_post(ask);
		sem_wait(answer);
	}
	assert(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3);
	assert(sem_trywait(ask) == -1 && errno == EAGAIN);
	assert(sem_getvalue(answer, &value) == 0 && value == 0);
	sem_close(ask);
	sem_close(answer);
	return 0;
}
