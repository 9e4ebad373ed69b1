/* Two processes lock two records of a file in opposite order. Who is refused the lock that would close the circle gives
 * the first one back and begins again: no bug.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int descriptor;

static int lock(short type, off_t record)
{
	struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = record, .l_len = 1};
	return fcntl(descriptor, F_SETLKW, &range);
}

static void transfer(off_t from, off_t to)
{
	assert(lock(F_WRLCK, from) == 0);
	while (lock(F_WRLCK, to) != 0) {
		assert(errno == EDEADLK);
		assert(lock(F_UNLCK, from) == 0);
		assert(lock(F_WRLCK, from) == 0);
	}
	assert(lock(F_UNLCK, to) == 0);
	assert(lock(F_UNLCK, from) == 0);
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
		transfer(2, 1);
		_exit(0);
	}
	transfer(1, 2);
	int status;
	assert(waitpid(child, &status, 0) == child);
	return status == 0 ? 0 : 1;
}
