/* An event loop with edge-triggered descriptors takes one message per event. A second message that comes before the
 * first is taken makes no event of its own, and is never taken.
 * race: explore --strategy dfs --bound none
 * expect: deadlock within 20
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "threads.h"

enum { PIPES = 2, MESSAGES = 3 };

static int ends[PIPES][2], set, ntaken;

static void send_to(int pipe)
{
	ssize_t n = write(ends[pipe][1], "m", 1);
	assert(n == 1);
}

static bool take(int pipe)
{
	char message;
	ssize_t n = read(ends[pipe][0], &message, 1);
	assert(n == 1 || errno == EAGAIN);
	ntaken += n == 1;
	return n == 1;
}

/* Who gets the message in the second pipe sends another one to the first. */
static void handle(int pipe)
{
	if (pipe == 1)
		send_to(0);
	take(pipe);
#ifdef FIXED
	while (take(pipe))
		continue;
#endif
}

int main(void)
{
	struct epoll_event events[PIPES];
	set = epoll_create1(0);
	for (int i = 0; i < PIPES; i++) {
		struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = (uint32_t)i};
		assert(pipe2(ends[i], O_NONBLOCK) == 0);
		assert(epoll_ctl(set, EPOLL_CTL_ADD, ends[i][0], &event) == 0);
		send_to(i);
	}
	while (ntaken < MESSAGES) {
		int n = epoll_wait(set, events, PIPES, -1);
		for (int i = 0; i < n; i++)
			handle((int)events[i].data.u32);
	}
	return 0;
}
