#include "stream.h"

#include "call.h"

#include <dlfcn.h>
#include <stdio.h>
#include <sys/mman.h>

#include "descriptor.h"
#include "idle.h"
#include "random.h"
#include "real.h"
#include "snapshot.h"
#include "sys.h"
#include "transfer.h"

/* struct _IO_jump_t of glibc, the same since 2.0: where the functions stand that read, write and close a file. */
enum { JUMP_READ = 14, JUMP_WRITE = 15, JUMP_CLOSE = 17, PAGE_BYTES = 4096, STREAM_ERROR = 0x20 };

typedef ssize_t read_function(FILE *, void *, ssize_t);
typedef ssize_t write_function(FILE *, const void *, ssize_t);
typedef int close_function(FILE *);

static read_function *genuine_stream_read;
static write_function *genuine_stream_write;
static close_function *genuine_stream_close;

static int close_number(int fd)
{
	snapshot_close(fd);
	long result = sys_call3(SYS_close, fd, 0, 0);

	return result == 0 ? 0 : (errno = (int)-result, -1);
}

static bool enter(struct guard *guard, void *caller)
{
	guard->entered = false;
	if (control_mode != CONTROL_CONTROL || self.task == 0 || self.inside != 0)
		return false;
	guard->entered = true;
	guard->outer_error = self.error;
	guard->outer_site = self.site;
	self.inside = 1;
	self.error = errno;
	self.site = (uint64_t)(uintptr_t)caller;
	point_ensure();
	loader_settle();
	return true;
}

/*
 * The caller is libc, with the stream's genuine lock held: no choice is offered while another thread might want that
 * lock. Where there is none, this is a point like any other.
 */
static bool is_guarded(void)
{
	return task_live() > 1;
}

static ssize_t stream_read(FILE *stream, void *buffer, ssize_t nbytes)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};
	struct iovec vector = {buffer, (size_t)nbytes};

	if (!enter(&guard, __builtin_return_address(0)))
		return genuine_stream_read(stream, buffer, nbytes);
	if (!transfer_reads(stream->_fileno))
		return random_read(stream->_fileno, &vector, 1, genuine_stream_read(stream, buffer, nbytes));
	ssize_t result = transfer_read(stream->_fileno, &vector, 1, is_guarded());
	return result < 0 ? call_error((int)-result) : result;
}

/* As glibc's: what could not be written marks the stream, and the result is what could. */
static ssize_t stream_write(FILE *stream, const void *buffer, ssize_t nbytes)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};
	struct iovec vector = {(void *)buffer, (size_t)nbytes};

	if (!enter(&guard, __builtin_return_address(0)) || !transfer_writes(stream->_fileno))
		return genuine_stream_write(stream, buffer, nbytes);
	ssize_t result = transfer_write(stream->_fileno, &vector, 1, is_guarded());
	if (result < nbytes)
		stream->_flags |= STREAM_ERROR;
	if (result < 0)
		self.error = (int)-result;
	return result < 0 ? 0 : result;
}

static int stream_close(FILE *stream)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!enter(&guard, __builtin_return_address(0)))
		return genuine_stream_close(stream);
	return descriptor_close(stream->_fileno, is_guarded(), close_number);
}

static bool is_known(void *const *jumps)
{
	return jumps && jumps[JUMP_READ] == real.dlsym(RTLD_DEFAULT, "_IO_file_read") &&
		jumps[JUMP_WRITE] == real.dlsym(RTLD_DEFAULT, "_IO_file_write") &&
		jumps[JUMP_CLOSE] == real.dlsym(RTLD_DEFAULT, "_IO_file_close");
}

/* The tables are read-only once the program has been loaded. */
static bool protect(void **jumps, int protection)
{
	uintptr_t first = (uintptr_t)jumps & ~(uintptr_t)(PAGE_BYTES - 1);
	uintptr_t end = (uintptr_t)(jumps + JUMP_CLOSE + 1);

	return sys_call3(SYS_mprotect, (long)first, (long)(end - first), protection) == 0;
}

static void replace(void **jumps)
{
	if (!is_known(jumps) || !protect(jumps, PROT_READ | PROT_WRITE))
		return;
	genuine_stream_read = (read_function *)jumps[JUMP_READ];
	genuine_stream_write = (write_function *)jumps[JUMP_WRITE];
	genuine_stream_close = (close_function *)jumps[JUMP_CLOSE];
	jumps[JUMP_READ] = (void *)stream_read;
	jumps[JUMP_WRITE] = (void *)stream_write;
	jumps[JUMP_CLOSE] = (void *)stream_close;
	protect(jumps, PROT_READ);
}

void stream_open(void)
{
	replace(real.dlsym(RTLD_DEFAULT, "_IO_file_jumps"));
	replace(real.dlsym(RTLD_DEFAULT, "_IO_wfile_jumps"));
}

/*
 * A task that has locked a stream may reach points, and others must not run into the genuine lock: those who lock the
 * stream, too, wait on the model. Whoever just writes to it meanwhile sleeps in the kernel, as a lapse.
 */
static uint32_t object_stream(FILE *stream)
{
	uint32_t object = object_small(OBJECT_MUTEX, stream);

	if (object)
		control->world.objects[object].flags |= OBJECT_RECURSIVE;
	return object;
}

INTERPOSE_VOID(flockfile, (FILE * stream), (stream))
{
	call_model(OP_LIBRARY_LOCK, object_stream(stream));
	genuine_flockfile(stream);
}

INTERPOSE(int, ftrylockfile, (FILE * stream), (stream))
{
	uint32_t object = object_stream(stream);
	int error = call_model(OP_MUTEX_TRYLOCK, object);

	idle_try(object, error != 0);
	return error ? -1 : genuine_ftrylockfile(stream);
}

INTERPOSE_VOID(funlockfile, (FILE * stream), (stream))
{
	genuine_funlockfile(stream);
	call_model(OP_LIBRARY_UNLOCK, object_stream(stream));
}
