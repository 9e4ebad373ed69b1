#include "delay.h"

#include "call.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "channel.h"
#include "sys.h"

/* Fails on what is no TCP, where nothing is held back. Corked it may have been before it was connected. */
void delay_none(int fd)
{
	int yes = 1, no = 0;

	sys_call(SYS_setsockopt, fd, IPPROTO_TCP, TCP_CORK, (long)&no, sizeof no, 0);
	sys_call(SYS_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, (long)&yes, sizeof yes, 0);
}

/* Would this have a connection between tasks hold back what is sent? */
static bool delays(int fd, int level, int name, const void *value, socklen_t length)
{
	uint32_t object;
	int number;

	if (level != IPPROTO_TCP || (name != TCP_NODELAY && name != TCP_CORK) || length < sizeof number)
		return false;
	if (channel_of(fd, &object) != CHANNEL_INSIDE)
		return false;
	memcpy(&number, value, sizeof number);
	return name == TCP_NODELAY ? number == 0 : number != 0;
}

INTERPOSE(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t length),
	(fd, level, name, value, length))
{
	if (delays(fd, level, name, value, length))
		return 0;
	return genuine_setsockopt(fd, level, name, value, length);
}
