/* daemon and forkpty: the C library forks within them, by a call that nobody sees. */
#include "call.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "channel.h"
#include "process.h"
#include "start.h"
#include "sys.h"

/* As dup2 on the standard streams; what the program reads and writes there is nothing that it had before. */
static void replace_streams(int fd)
{
	for (int stream = 0; stream <= 2; stream++) {
		uint32_t object;
		bool touched = channel_of(stream, &object) != CHANNEL_NONE && object;
		sys_call3(SYS_dup2, fd, stream, 0);
		if (touched)
			channel_touch(object);
	}
	channel_forget(0, 2);
	if (fd > 2)
		sys_close(fd);
}

/* Streams that can't be had are the caller's as before: ENODEV says so. */
static int detach(bool stay, bool keep)
{
	if (sys_call3(SYS_setsid, 0, 0, 0) < 0)
		return call_error(EPERM);
	if (!stay)
		sys_call3(SYS_chdir, (long)"/", 0, 0);
	if (keep)
		return 0;
	int fd = (int)sys_open("/dev/null", O_RDWR, 0);
	if (fd < 0)
		return call_error(ENODEV);
	replace_streams(fd);
	return 0;
}

INTERPOSE(int, daemon, (int stay, int keep), (stay, keep))
{
	pid_t child = process_fork();

	if (child < 0)
		return -1;
	if (child > 0)
		start_exit_at_once(0);
	return detach(stay != 0, keep != 0);
}

static pid_t fork_on(int master, int slave)
{
	pid_t child = process_fork();

	if (child < 0)
		sys_close(master);
	if (child != 0) {
		sys_close(slave);
		return child;
	}
	sys_close(master);
	sys_call3(SYS_setsid, 0, 0, 0);
	sys_call3(SYS_ioctl, slave, TIOCSCTTY, 0);
	replace_streams(slave);
	return 0;
}

INTERPOSE(int, forkpty, (int *master, char *name, const struct termios *termios, const struct winsize *size),
	(master, name, termios, size))
{
	int slave;

	call_user_begin();
	int result = openpty(master, &slave, name, termios, size);
	call_user_end();
	return result < 0 ? -1 : fork_on(*master, slave);
}
