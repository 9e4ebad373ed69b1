#include "epoll_set.h"

#include "call.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "channel.h"
#include "readiness.h"
#include "serving.h"
#include "session_loop.h"
#include "snapshot.h"
#include "sys.h"

enum { TEXT_BYTES = 2048 };

/* Whoever has the turn reads; it's too large for a stack. */
static struct registration rows[LIMIT_CHANNELS];

/* The number behind a name in a line; 0 where there is none. */
static uint64_t number_of(const char *line, const char *name, unsigned int base)
{
	const char *at = strstr(line, name);
	uint64_t value = 0;

	if (!at)
		return 0;
	for (at += strlen(name); *at == ' ';)
		at++;
	for (;; at++) {
		unsigned int digit = *at >= 'a' ? (unsigned int)(*at - 'a') + 10 : (unsigned int)(*at - '0');
		if (digit >= base)
			return value;
		value = value * base + digit;
	}
}

static void add_line(struct epoll_set *set, const char *line)
{
	if (strncmp(line, "tfd:", 4) != 0)
		return;
	if (set->n == LIMIT_CHANNELS) {
		control_limit(LIMIT_ID_CHANNELS, self.site);
		return;
	}
	set->rows[set->n++] = (struct registration){
		.fd = (int)number_of(line, "tfd:", 10),
		.events = (uint32_t)number_of(line, "events:", 16),
		.data = number_of(line, "data:", 16),
		.device = number_of(line, "sdev:", 16),
		.inode = number_of(line, "ino:", 16),
	};
}

/* Adds the whole lines of the text; returns how many bytes of a broken one are left at its start. */
static size_t add_lines(struct epoll_set *set, char *text, size_t nbytes)
{
	char *line = text;

	for (size_t i = 0; i < nbytes; i++) {
		if (text[i] != '\n')
			continue;
		text[i] = '\0';
		add_line(set, line);
		line = text + i + 1;
	}
	size_t left = nbytes - (size_t)(line - text);
	memmove(text, line, left);
	return left;
}

void epoll_set_read(struct epoll_set *set, int fd)
{
	char text[TEXT_BYTES];
	size_t left = 0;
	int info = channel_open_info(fd);
	long length;

	*set = (struct epoll_set){.fd = fd, .rows = rows};
	if (info < 0)
		return;
	snapshot_touch(text, sizeof text);
	while ((length = sys_read(info, text + left, sizeof text - left)) > 0)
		left = add_lines(set, text, left + (size_t)length);
	sys_close(info);
}

/* Events tell nothing of the descriptor but its data. */
const struct registration *epoll_set_find(const struct epoll_set *set, uint64_t data)
{
	const struct registration *found = NULL;

	for (uint32_t i = 0; i < set->n; i++) {
		if (set->rows[i].data != data)
			continue;
		if (found)
			return NULL;
		found = &set->rows[i];
	}
	return found;
}

/* Is the descriptor still what was registered? The kernel codes devices with 20 bits for the minor. */
static bool is_same(const struct registration *registration)
{
	struct stat status;
	dev_t device = makedev((unsigned int)(registration->device >> 20), (unsigned int)(registration->device & 0xfffff));

	return sys_call3(SYS_fstat, registration->fd, (long)&status, 0) == 0 && status.st_dev == device &&
		status.st_ino == registration->inode;
}

/* Edges are given back by a change, and the kernel takes none of those that wake one waiter only. */
static bool can_return(const struct registration *registration)
{
	return !((registration->events & EPOLLEXCLUSIVE) && (registration->events & EPOLLET)) && is_same(registration);
}

uint32_t epoll_set_source(const struct registration *registration)
{
	return can_return(registration) ? readiness_source(registration->fd) : 0;
}

uint32_t epoll_set_served(const struct registration *registration)
{
	uint32_t object = 0;

	if (!can_return(registration))
		return 0;
	switch (channel_of(registration->fd, &object)) {
	case CHANNEL_SOCKET:
		return session_loop_source(registration->fd);
	case CHANNEL_INSIDE:
		return serving_is_here(registration->fd, object) ? object : 0;
	default:
		return 0;
	}
}

bool epoll_set_is_whole(const struct epoll_set *set)
{
	for (uint32_t i = 0; i < set->n; i++)
		if (!epoll_set_find(set, set->rows[i].data) || epoll_set_source(&set->rows[i]) == 0)
			return false;
	return true;
}

bool epoll_set_return(const struct epoll_set *set, const struct registration *registration)
{
	struct epoll_event event = {.events = registration->events, .data.u64 = registration->data};

	if (!(registration->events & (EPOLLET | EPOLLONESHOT)))
		return true;
	return sys_call(SYS_epoll_ctl, set->fd, EPOLL_CTL_MOD, registration->fd, (long)&event, 0, 0) == 0;
}
