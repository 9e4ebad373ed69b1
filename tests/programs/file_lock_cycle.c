/* Two processes lock two files in opposite order; flock() detects no cycles.
 * race: explore --max-executions 200
 * expect: deadlock within 50
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static char inbox[4096], outbox[4096];

/* Descriptors are opened per process: those inherited by fork would share one lock. */
static void move_mail(const char *first, const char *second)
{
	int one = open(first, O_RDWR | O_CREAT, 0600);
	int two = open(second, O_RDWR | O_CREAT, 0600);
	assert(one >= 0 && two >= 0);
	flock(one, LOCK_EX);
	flock(two, LOCK_EX);
	flock(two, LOCK_UN);
	flock(one, LOCK_UN);
	close(two);
	close(one);
}

int main(int argc, char **argv)
{
	snprintf(inbox, sizeof(inbox), "%s.inbox", argv[0]);
	snprintf(outbox, sizeof(outbox), "%s.outbox", argv[0]);
	pid_t child = fork();
	if (child == 0) {
#ifdef FIXED
		move_mail(inbox, outbox);
#else
		move_mail(outbox, inbox);
#endif
		_exit(0);
	}
	move_mail(inbox, outbox);
	int status;
	assert(waitpid(child, &status, 0) == child);
	return status == 0 ? 0 : 1;
}
