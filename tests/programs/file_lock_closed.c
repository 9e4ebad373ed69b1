/* A process locks a file, opens it once more to look at it, and closes that descriptor: POSIX locks of the process are
 * gone with it, and another one's update is lost.
 * race: explore --strategy auto --max-executions 200
 * expect: exit within 50
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[4096];

static int open_counter(void)
{
	int descriptor = open(path, O_RDWR | O_CREAT, 0600);
	assert(descriptor >= 0);
	return descriptor;
}

static void lock(int descriptor)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
#ifdef FIXED
	int error = fcntl(descriptor, F_OFD_SETLKW, &whole);
#else
	int error = fcntl(descriptor, F_SETLKW, &whole);
#endif
	assert(error == 0);
}

/* Elsewhere in the program: somebody wants to know what the counter is. */
static char peek(void)
{
	char value;
	int descriptor = open_counter();
	assert(pread(descriptor, &value, 1, 0) == 1);
	close(descriptor);
	return value;
}

static void increment(void)
{
	int descriptor = open_counter();
	lock(descriptor);
	char value = (char)(peek() + 1);
	lockf(descriptor, F_TEST, 1);
	assert(pwrite(descriptor, &value, 1, 0) == 1);
	close(descriptor);
}

int main(int argc, char **argv)
{
	(void)argc;
	snprintf(path, sizeof(path), "%s.counter", argv[0]);
	int descriptor = open_counter();
	assert(pwrite(descriptor, "", 1, 0) == 1);
	pid_t child = fork();
	if (child == 0) {
		increment();
		_exit(0);
	}
	increment();
	assert(waitpid(child, NULL, 0) == child);
	return peek() == 2 ? 0 : 5;
}
