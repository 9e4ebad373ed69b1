/*
 * Making and closing descriptors. The one of the control block is ours: it can't be closed, and whoever wants its number
 * gets it while ours moves on.
 */
#include "descriptor.h"

#include "call.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "file_lock.h"
#include "serving.h"
#include "session_observed.h"
#include "sys.h"
#include "timerfd.h"

static void forget(unsigned int first, unsigned int last)
{
	channel_forget(first, last);
	timerfd_forget(first, last);
}

static int made(int fd)
{
	if (fd < 0)
		return call_error(errno);
	forget((unsigned int)fd, (unsigned int)fd);
	channel_new(fd);
	return fd;
}

static int made_pipe(int result, const int *ends)
{
	return result < 0 ? call_error(errno) : (made(ends[0]), 0);
}

INTERPOSE(int, pipe, (int ends[2]), (ends))
{
	return made_pipe(genuine_pipe(ends), ends);
}

INTERPOSE(int, pipe2, (int ends[2], int flags), (ends, flags))
{
	return made_pipe(genuine_pipe2(ends, flags), ends);
}

INTERPOSE(int, eventfd, (unsigned int value, int flags), (value, flags))
{
	return made(genuine_eventfd(value, flags));
}

INTERPOSE(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends))
{
	if (genuine_socketpair(domain, type, protocol, ends) < 0)
		return call_error(errno);
	channel_pair(ends[0], ends[1]);
	return 0;
}

/* Before the descriptor goes: the channel or lock that this is an operation on is announced. */
static bool begin_close(int fd, bool guarded)
{
	uint32_t object;
	enum op op = OP_PIPE_CLOSE;

	if (channel_of(fd, &object) != CHANNEL_INSIDE) {
		object = file_lock_of(fd);
		op = OP_FILE_UNLOCK;
	}
	if (!object)
		return false;
	struct request request = call_request(op, object);
	request.flags = guarded ? REQUEST_GUARDED : 0;
	point_announce(&request);
	if (op == OP_PIPE_CLOSE)
		serving_close(fd, object);
	return true;
}

static void end_close(bool begun)
{
	if (!begun)
		return;
	point_apply();
	point_done(0, 0);
}

int descriptor_close(int fd, bool guarded, int (*genuine)(int))
{
	if (fd == control_fd)
		return call_error(EBADF);
	struct request outer = task_self()->pending;
	bool begun = begin_close(fd, guarded);
	int result = genuine(fd);
	int error = errno;

	forget((unsigned int)fd, (unsigned int)fd);
	end_close(begun);
	if (begun && guarded)
		task_self()->pending = outer;
	return result == 0 ? 0 : call_error(error);
}

INTERPOSE(int, close, (int fd), (fd), ({
	if (session_observed_is(fd))
		session_observed_close(fd);
	genuine_close(fd);
}))
{
	return descriptor_close(fd, module_is_guarded(self.site), genuine_close);
}

/* The number is wanted by the program: the block's descriptor gets another one, as high. False: there is none. */
static bool make_way(int fd)
{
	if (fd != control_fd)
		return true;
	long other = sys_call3(SYS_fcntl, control_fd, F_DUPFD, control_fd + 1);
	if (other < 0)
		other = sys_call3(SYS_fcntl, control_fd, F_DUPFD, control_fd / 2);
	if (other < 0)
		return false;
	control_fd = (int)other;
	return true;
}

static int replace(int fd, int number, int flags, int (*genuine)(int, int, int))
{
	if (fd == control_fd || fd == number)
		return fd == control_fd ? call_error(EBADF) : genuine(fd, number, flags);
	if (!make_way(number))
		return call_error(EBUSY); /* as dup2(2) has it */
	bool begun = begin_close(number, module_is_guarded(self.site));
	int result = genuine(fd, number, flags);
	int error = errno;

	forget((unsigned int)number, (unsigned int)number);
	end_close(begun);
	return result < 0 ? call_error(error) : result;
}

static int (*genuine_dup2)(int, int);

static int duplicate(int fd, int number, int flags)
{
	(void)flags;
	int result = genuine_dup2(fd, number);
	if (result < 0)
		self.error = errno;
	return result;
}

INTERPOSE_TABLE(dup2, LIBC, NULL);
INTERPOSE_EXPORT int dup2(int fd, int number);

int dup2(int fd, int number)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry_dup2, __builtin_return_address(0)))
		return genuine_dup2(fd, number);
	return replace(fd, number, 0, duplicate);
}

INTERPOSE(int, dup3, (int fd, int number, int flags), (fd, number, flags))
{
	if (fd == number)
		return call_error(EINVAL);
	return replace(fd, number, flags, genuine_dup3);
}

/* Many at once: the channels among them, and whether there are any. */
struct range {
	uint32_t nchannels;
	bool touch;
};

static void visit(int fd, void *state)
{
	struct range *range = state;
	uint32_t object = 0;

	if (fd == control_fd)
		return;
	if (channel_of(fd, &object) != CHANNEL_INSIDE)
		object = file_lock_of(fd);
	range->nchannels += object != 0;
	if (object && range->touch)
		channel_touch(object);
}

static int close_around(unsigned int first, unsigned int last, int flags, int (*genuine)(unsigned, unsigned, int))
{
	unsigned int own = (unsigned int)control_fd;
	int result = 0;

	if (control_fd < 0 || own < first || own > last)
		return genuine(first, last, flags);
	if (own > first)
		result = genuine(first, own - 1, flags);
	if (result == 0 && own < last)
		result = genuine(own + 1, last, flags);
	return result;
}

static int close_many(unsigned int first, unsigned int last, int flags, int (*genuine)(unsigned, unsigned, int))
{
	struct range range = {0};
	struct request request = call_request(OP_PIPE_CLOSE, 0);

	if (first > last)
		return call_error(EINVAL);
	if (!(flags & (int)CLOSE_RANGE_CLOEXEC))
		channel_each(first, last, visit, &range);
	if (range.nchannels > 0)
		point_announce(&request);
	range.touch = range.nchannels > 0;
	if (range.touch)
		channel_each(first, last, visit, &range);
	int result = close_around(first, last, flags, genuine);
	int error = errno;
	forget(first, last);
	if (range.touch)
		point_done(0, 0);
	return result < 0 ? call_error(error) : 0;
}

INTERPOSE(int, close_range, (unsigned int first, unsigned int last, int flags), (first, last, flags))
{
	return close_many(first, last, flags, genuine_close_range);
}

/* What a spawned program finds open: all but the block's descriptor is closed one by one. */
INTERPOSE(int, posix_spawn_file_actions_addclosefrom_np, (posix_spawn_file_actions_t * actions, int first),
	(actions, first))
{
	int error = 0;

	if (control_fd < first)
		return genuine_posix_spawn_file_actions_addclosefrom_np(actions, first);
	for (int fd = first; fd < control_fd && error == 0; fd++)
		error = posix_spawn_file_actions_addclose(actions, fd);
	return error ? error : genuine_posix_spawn_file_actions_addclosefrom_np(actions, control_fd + 1);
}

INTERPOSE_VOID(closefrom, (int first), (first))
{
	close_many(first < 0 ? 0 : (unsigned int)first, UINT_MAX, 0, genuine_close_range);
}
