/* fcntl: locks go to the model, and the control block's descriptor is nobody's. */
#include "call.h"

#include <fcntl.h>
#include <stdarg.h>

#include "file_lock.h"

static int do_fcntl(int fd, int command, void *argument, int (*genuine)(int, int, ...))
{
	if (fd == control_fd)
		return call_error(EBADF);
	/* SQLite handles locks that it can't have by itself, and its statements are the operations. */
	if (file_lock_is_command(command) && !module_is_guarded(self.site))
		return file_lock_fcntl(fd, command, argument);
	int result = genuine(fd, command, argument);
	if (result < 0)
		self.error = errno;
	point_ensure();
	return result;
}

/* Variadic: the one argument there may be is passed on as the register it is in. */
#define INTERPOSE_FCNTL(name) \
	static int (*genuine_##name)(int, int, ...); \
	INTERPOSE_TABLE(name, LIBC, NULL); \
	INTERPOSE_EXPORT int name(int fd, int command, ...); \
	INTERPOSE_EXPORT int name(int fd, int command, ...) \
	{ \
		struct guard guard __attribute__((cleanup(guard_leave))) = {0}; \
		va_list list; \
		va_start(list, command); \
		void *argument = va_arg(list, void *); \
		va_end(list); \
		if (control_mode == CONTROL_OBSERVE && file_lock_is_command(command)) \
			file_lock_observed(__builtin_return_address(0)); \
		if (!guard_enter(&guard, &entry_##name, __builtin_return_address(0))) \
			return genuine_##name(fd, command, argument); \
		return do_fcntl(fd, command, argument, genuine_##name); \
	}

INTERPOSE_FCNTL(fcntl)
INTERPOSE_FCNTL(fcntl64)
