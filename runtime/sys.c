#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <time.h>

void (*sys_let_write)(uint64_t address, uint64_t nbytes);

/* Which argument points to how much is not known: more and more is let. */
long sys_call_again(long number, long a, long b, long c, long d, long e, long f)
{
	enum { LEAST = 4096, MOST = 1 << 20 };
	const long arguments[] = {a, b, c, d, e, f};
	long result = -EFAULT;

	for (uint64_t nbytes = LEAST; sys_let_write && result == -EFAULT && nbytes <= MOST; nbytes *= 4) {
		for (int i = 0; i < 6; i++)
			sys_let_write((uint64_t)arguments[i], nbytes);
		result = sys_call_once(number, a, b, c, d, e, f);
	}
	return result;
}

long sys_futex_wait(uint32_t *word, uint32_t expected, int64_t timeout_ns)
{
	struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};

	return sys_call(SYS_futex, (long)word, FUTEX_WAIT, expected, timeout_ns < 0 ? 0 : (long)&timeout, 0, 0);
}

long sys_futex_wake(uint32_t *word, uint32_t count)
{
	return sys_call3(SYS_futex, (long)word, FUTEX_WAKE, count);
}

void *sys_map(void *address, size_t nbytes, int protection, int flags, int fd, uint64_t offset)
{
	long result = sys_call(SYS_mmap, (long)address, (long)nbytes, protection, flags, fd, (long)offset);

	if (result < 0 && result > -4096)
		return NULL;
	if (flags & MAP_SHARED)
		sys_call3(SYS_madvise, result, (long)nbytes, MADV_DONTDUMP); /* a program's core is of the program */
	return (void *)result;
}

int sys_gettid(void)
{
	return (int)sys_call3(SYS_gettid, 0, 0, 0);
}

int sys_getpid(void)
{
	return (int)sys_call3(SYS_getpid, 0, 0, 0);
}

void sys_exit_group(int status)
{
	for (;;)
		sys_call3(SYS_exit_group, status, 0, 0);
}

long sys_open(const char *path, int flags, int mode)
{
	return sys_call(SYS_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, mode, 0, 0);
}

long sys_read(int fd, void *buffer, size_t nbytes)
{
	long result;

	do
		result = sys_call3(SYS_read, fd, (long)buffer, (long)nbytes);
	while (result == -EINTR);
	return result;
}

long sys_write(int fd, const void *buffer, size_t nbytes)
{
	size_t done = 0;

	while (done < nbytes) {
		long result = sys_call3(SYS_write, fd, (long)((const char *)buffer + done), (long)(nbytes - done));
		if (result == -EINTR)
			continue;
		if (result < 0)
			return result;
		done += (size_t)result;
	}
	return (long)done;
}

long sys_close(int fd)
{
	return sys_call3(SYS_close, fd, 0, 0);
}

static long copy_bytes(int from, int to)
{
	char buffer[2048];

	for (;;) {
		/* sendfile copies within the kernel; not every file system has it */
		long moved = sys_call(SYS_sendfile, to, from, 0, 1 << 30, 0, 0);
		if (moved == 0)
			return 0;
		if (moved > 0)
			continue;
		moved = sys_read(from, buffer, sizeof buffer);
		if (moved <= 0)
			return moved;
		moved = sys_write(to, buffer, (size_t)moved);
		if (moved < 0)
			return moved;
	}
}

long sys_copy_file(const char *from, const char *to)
{
	long source = sys_open(from, O_RDONLY, 0);
	if (source < 0)
		return source;
	long target = sys_open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	long result = target < 0 ? target : copy_bytes((int)source, (int)target);

	if (target >= 0)
		sys_close((int)target);
	sys_close((int)source);
	return result;
}

uint64_t sys_now_ns(void)
{
	struct timespec now;

	sys_call3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
