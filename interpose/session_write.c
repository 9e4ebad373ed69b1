#include "session_write.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "sys.h"

enum { PIECES = 16, PATIENCE_MS = 10000, READING_MS = 50 };

/* What is left behind so many bytes, its first pieces: how many. */
static size_t rest_of(const struct iovec *vectors, int nvectors, size_t done, struct iovec *rest)
{
	size_t n = 0;

	for (int i = 0; i < nvectors && n < PIECES; i++) {
		if (done >= vectors[i].iov_len) {
			done -= vectors[i].iov_len;
			continue;
		}
		rest[n++] = (struct iovec){(char *)vectors[i].iov_base + done, vectors[i].iov_len - done};
		done = 0;
	}
	return n;
}

static bool has_room(int fd, short also, int patience_ms)
{
	struct pollfd query = {.fd = fd, .events = (short)(POLLOUT | also)};

	return sys_call3(SYS_poll, (long)&query, 1, patience_ms) > 0 && query.revents & POLLOUT;
}

/* Who has something to say may read on all the same. */
static bool takes_more(int fd)
{
	return has_room(fd, POLLIN, PATIENCE_MS) || has_room(fd, 0, READING_MS);
}

int64_t session_write(int fd, const struct iovec *vectors, int nvectors, int flags)
{
	struct iovec rest[PIECES];
	size_t n = rest_of(vectors, nvectors, 0, rest);
	int64_t done = 0;

	for (;;) {
		struct msghdr header = {.msg_iov = rest, .msg_iovlen = n};
		long sent = sys_call3(SYS_sendmsg, fd, (long)&header, flags | MSG_NOSIGNAL);
		if (sent > 0)
			done += sent;
		else if (sent != -EAGAIN || !takes_more(fd))
			return done > 0 ? done : sent;
		n = rest_of(vectors, nvectors, (size_t)done, rest);
		if (n == 0)
			return done;
	}
}
