/* A counter in a file is read under a shared lock and written under an exclusive one, which is a new lock: another
 * process may come in between. That the shared lock is given back first is why this ends in a wrong count, not in a
 * deadlock.
 * race: explore --max-executions 200
 * expect: exit within 50
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[4096];

static int counter_open(void)
{
	int descriptor = open(path, O_RDWR | O_CREAT, 0600);
	assert(descriptor >= 0);
	return descriptor;
}

static char counter_read(int descriptor)
{
	char value;
	assert(pread(descriptor, &value, 1, 0) == 1);
	return value;
}

static void counter_write(int descriptor, char value)
{
	assert(pwrite(descriptor, &value, 1, 0) == 1);
}

static void increment(void)
{
	int descriptor = counter_open();
#ifdef FIXED
	flock(descriptor, LOCK_EX);
#else
	flock(descriptor, LOCK_SH);
#endif
	char value = counter_read(descriptor);
#ifndef FIXED
	flock(descriptor, LOCK_UN);
	flock(descriptor, LOCK_EX);
#endif
	counter_write(descriptor, (char)(value + 1));
	flock(descriptor, LOCK_UN);
	close(descriptor);
}

int main(int argc, char **argv)
{
	snprintf(path, sizeof(path), "%s.counter", argv[0]);
	int descriptor = counter_open();
	counter_write(descriptor, 0);
	pid_t child = fork();
	if (child == 0) {
		increment();
		_exit(0);
	}
	increment();
	int status;
	assert(waitpid(child, &status, 0) == child);
	return counter_read(descriptor) == 2 ? 0 : 5;
}
