/*
 * Without waiting, the end for reading can always be opened, the one for writing only when there is a reader. Whether
 * there is a writer shows in what the reader would get.
 */
#include "fifo.h"

#include "call.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "await.h"
#include "channel.h"
#include "snapshot.h"
#include "sys.h"

struct fifo {
	struct external external;
	const char *path;
	int folder, flags;
	int fd; /* the end; -1: not open */
};

bool fifo_waits(int folder, const char *path, int flags)
{
	struct stat status;

	if ((flags & (O_NONBLOCK | O_PATH)) || (flags & O_ACCMODE) == O_RDWR || !path)
		return false;
	return sys_call(SYS_newfstatat, folder, (long)path, (long)&status, 0, 0, 0) == 0 && S_ISFIFO(status.st_mode);
}

static long open_now(const struct fifo *fifo)
{
	snapshot_opened();
	return sys_call(SYS_openat, fifo->folder, (long)fifo->path, fifo->flags | O_NONBLOCK, 0, 0, 0);
}

static bool has_writer(struct external *external)
{
	int fd = ((struct fifo *)external)->fd;
	char byte;

	/* End of file at once, where nothing is there and nobody was, means that there is no writer. */
	return channel_is_ready(fd, POLLIN) || sys_call3(SYS_read, fd, (long)&byte, 1) == -EAGAIN;
}

static bool is_ready(struct external *external)
{
	(void)external;
	return true;
}

static bool open_writer(struct external *external)
{
	struct fifo *fifo = (struct fifo *)external;
	long result = open_now(fifo);

	if (result == -ENXIO)
		return false;
	fifo->fd = (int)result;
	channel_touch(external->request.object);
	return true;
}

static bool sleep_reader(struct external *external)
{
	struct pollfd query = {.fd = ((struct fifo *)external)->fd, .events = POLLIN};

	sys_call3(SYS_poll, (long)&query, 1, -1);
	return false;
}

static bool sleep_writer(struct external *external)
{
	struct fifo *fifo = (struct fifo *)external;
	snapshot_opened();
	long result = sys_call(SYS_openat, fifo->folder, (long)fifo->path, fifo->flags, 0, 0, 0);

	fifo->fd = (int)result;
	return result != -EINTR;
}

/* The channel behind a path. */
static uint32_t object_of(int folder, const char *path, bool is_new)
{
	long fd = sys_call(SYS_openat, folder, (long)path, O_PATH | O_CLOEXEC, 0, 0, 0);
	uint32_t object = 0;

	if (fd < 0)
		return 0;
	if (is_new)
		channel_new((int)fd);
	channel_of((int)fd, &object);
	sys_close((int)fd);
	return object;
}

static int wait_other_end(struct fifo *fifo, bool reads)
{
	struct external *external = &fifo->external;
	uint32_t object = object_of(fifo->folder, fifo->path, false);

	external->request = call_request(OP_POLL, object);
	if (object == 0 || (control->world.objects[object].flags & OBJECT_OUTSIDE))
		external->request.flags |= REQUEST_OUTSIDE;
	if (!reads) {
		external->is_ready = is_ready;
		external->attempt = open_writer;
		external->sleep = sleep_writer;
		return await_external(external, true);
	}
	fifo->fd = (int)open_now(fifo);
	if (fifo->fd < 0)
		return 0;
	channel_touch(object);
	external->is_ready = external->attempt = has_writer;
	external->sleep = sleep_reader;
	return await_external(external, true);
}

int fifo_open(int folder, const char *path, int flags)
{
	bool reads = (flags & O_ACCMODE) == O_RDONLY;
	struct fifo fifo = {.path = path, .folder = folder, .flags = flags, .fd = -EINTR};
	int error = wait_other_end(&fifo, reads);

	if (error && fifo.fd >= 0)
		sys_close(fifo.fd);
	if (error || fifo.fd < 0)
		return call_error(error ? error : -fifo.fd);
	sys_call3(SYS_fcntl, fifo.fd, F_SETFL, flags & ~(O_ACCMODE | O_CREAT | O_CLOEXEC));
	return fifo.fd;
}

static int made(int folder, const char *path, int result)
{
	if (result < 0)
		return call_error(errno);
	object_of(folder, path, true);
	return 0;
}

INTERPOSE(int, mkfifo, (const char *path, mode_t mode), (path, mode))
{
	return made(AT_FDCWD, path, genuine_mkfifo(path, mode));
}

INTERPOSE(int, mkfifoat, (int folder, const char *path, mode_t mode), (folder, path, mode))
{
	return made(folder, path, genuine_mkfifoat(folder, path, mode));
}
