#include "random.h"

#include "call.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "shared/decimal.h"
#include "snapshot.h"
#include "sys.h"

#define DEVICE_NAME "race-random"

enum { DEVICE_BYTES = 65536, ENTROPY_MAX = 256 };

static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

/* Where a draw begins; splitmix64 goes on from there. */
static uint64_t draw(void)
{
	struct task *task = task_self();

	control->world.seen |= SEEN_RANDOM;
	return mix(mix(control_plan()->seed + 0x9e3779b97f4a7c15ULL) ^ task->identity) + ++task->ndraws;
}

static void fill(uint64_t *state, void *buffer, size_t nbytes)
{
	unsigned char *bytes = buffer;

	while (nbytes > 0) {
		uint64_t value = mix(*state += 0x9e3779b97f4a7c15ULL);
		size_t length = nbytes < sizeof value ? nbytes : sizeof value;
		memcpy(bytes, &value, length);
		bytes += length;
		nbytes -= length;
	}
}

void random_fill(void *buffer, size_t nbytes)
{
	uint64_t state = mix(draw());

	fill(&state, buffer, nbytes);
}

static int fill_file(int fd)
{
	uint64_t state = mix(draw());
	char buffer[2048];

	for (int i = 0; i < DEVICE_BYTES / (int)sizeof buffer; i++) {
		fill(&state, buffer, sizeof buffer);
		if (sys_write(fd, buffer, sizeof buffer) < 0)
			return -1;
	}
	return (int)sys_call3(SYS_lseek, fd, 0, SEEK_SET);
}

/* By its size first, which few files have; then by its name. */
static bool is_device(int fd)
{
	static const char name[] = "/memfd:" DEVICE_NAME " (deleted)";
	char path[32] = "/proc/self/fd/", target[sizeof name];
	struct stat status;

	if (sys_call3(SYS_fstat, fd, (long)&status, 0) < 0 || status.st_size != DEVICE_BYTES || status.st_nlink != 0)
		return false;
	decimal_write(path + strlen(path), (uint64_t)fd);
	return sys_call3(SYS_readlink, (long)path, (long)target, sizeof target) == sizeof target - 1 &&
		memcmp(target, name, sizeof target - 1) == 0;
}

ssize_t random_read(int fd, const struct iovec *vectors, int nvectors, ssize_t nbytes)
{
	size_t done = nbytes < 0 ? 0 : (size_t)nbytes, wanted = 0;

	for (int i = 0; i < nvectors; i++)
		wanted += vectors[i].iov_len;
	if (nbytes < 0 || done == wanted || !is_device(fd))
		return nbytes;
	for (int i = 0; i < nvectors; i++) {
		size_t length = vectors[i].iov_len, skipped = done < length ? done : length;
		random_fill((char *)vectors[i].iov_base + skipped, length - skipped);
		done -= skipped;
	}
	return (ssize_t)wanted;
}

int random_open(const char *path, int flags)
{
	if (!path || (strcmp(path, "/dev/urandom") != 0 && strcmp(path, "/dev/random") != 0))
		return -1;
	snapshot_opened();
	int fd = (int)sys_call3(SYS_memfd_create, (long)DEVICE_NAME, flags & O_CLOEXEC ? MFD_CLOEXEC : 0, 0);
	if (fd < 0)
		return -1;
	if (fill_file(fd) == 0)
		return fd;
	sys_close(fd);
	return -1;
}

INTERPOSE(ssize_t, getrandom, (void *buffer, size_t nbytes, unsigned int flags), (buffer, nbytes, flags))
{
	if (flags & ~(unsigned int)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return call_error(EINVAL);
	random_fill(buffer, nbytes);
	return (ssize_t)nbytes;
}

INTERPOSE(int, getentropy, (void *buffer, size_t nbytes), (buffer, nbytes))
{
	if (nbytes > ENTROPY_MAX)
		return call_error(EIO);
	random_fill(buffer, nbytes);
	return 0;
}

static uint32_t word(void)
{
	uint32_t value;

	random_fill(&value, sizeof value);
	return value;
}

INTERPOSE(uint32_t, arc4random, (void), ())
{
	return word();
}

INTERPOSE_VOID(arc4random_buf, (void *buffer, size_t nbytes), (buffer, nbytes))
{
	random_fill(buffer, nbytes);
}

INTERPOSE(uint32_t, arc4random_uniform, (uint32_t limit), (limit))
{
	return limit < 2 ? 0 : (uint32_t)((uint64_t)word() * limit >> 32);
}

/* std::random_device::operator(): it asks the processor where it can. */
INTERPOSE_IN("libstdc++.so.6", unsigned int, _ZNSt13random_device9_M_getvalEv, (void *device), (device))
{
	(void)device;
	return word();
}
