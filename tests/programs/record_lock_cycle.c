/* Two processes lock two records of a file in opposite order. The kernel refuses the lock that would close the circle,
 * and nobody has thought of that.
 * race: explore --strategy auto --max-executions 200
 * expect: assert within 50
 * message: the kernel had refused main a record of record_lock_cycle.accounts (EDEADLK): record_lock_cycle, which
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int descriptor;

static void lock(short type, off_t record)
{
	struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = record, .l_len = 1};
	assert(fcntl(descriptor, F_SETLKW, &range) == 0);
}

static void transfer(off_t from, off_t to)
{
	lock(F_WRLCK, from);
	lock(F_WRLCK, to);
	lock(F_UNLCK, to);
	lock(F_UNLCK, from);
}

int main(int argc, char **argv)
{
	char path[4096];
	(void)argc;
	snprintf(path, sizeof(path), "%s.accounts", argv[0]);
	descriptor = open(path, O_RDWR | O_CREAT, 0600);
	assert(descriptor >= 0);
	pid_t child = fork();
	if (child == 0) {
#ifdef FIXED
		transfer(1, 2);
#else
		transfer(2, 1);
#endif
		_exit(0);
	}
	transfer(1, 2);
	int status;
	assert(waitpid(child, &status, 0) == child);
	return status == 0 ? 0 : 1;
}
