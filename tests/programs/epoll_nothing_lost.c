/* However race delays what an epoll set has to say, nothing of it gets lost: not edges, not events that come once and
 * disarm, not those for which the caller has no room, not those that share their data; in a set within a set, too.
 * race: explore --strategy dfs --bound none --max-executions 0 -- level 3
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- edge 3
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- once 3
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- once-edge 2
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- level 1
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- edge 1
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- same 3
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- nested 3
 * expect: clean
 * exhausted: all
 * race: explore --strategy dfs --bound none --max-executions 0 -- forked 3
 * expect: clean
 * race: explore --strategy random --max-executions 200 -- once-edge 1
 * expect: clean
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads.h"

enum { SOURCES = 3, ROOM = 8, SHARED = 77 };

static int ends[SOURCES][2], set, room;
static uint32_t flags;
static bool same;
static unsigned int nsent, ntaken;

static uint64_t data_of(int source)
{
	return same ? SHARED : (uint64_t)source << 33 | 5;
}

static void send_to(int source)
{
	uint64_t one = 1;
	ssize_t n = write(ends[source][1], &one, sizeof(one));
	assert(n == sizeof(one));
	nsent++;
}

static void arm(int command, int source)
{
	struct epoll_event event = {.events = EPOLLIN | flags, .data.u64 = data_of(source)};
	int error = epoll_ctl(set, command, ends[source][0], &event);
	assert(error == 0);
}

/* A pipe, then an eventfd, whose number is what was sent. */
static void open_source(int source)
{
	if (source == 1)
		ends[source][0] = ends[source][1] = eventfd(0, EFD_NONBLOCK);
	else
		assert(pipe2(ends[source], O_NONBLOCK) == 0);
	arm(EPOLL_CTL_ADD, source);
}

static unsigned int drain(int source)
{
	uint64_t word;
	unsigned int n = 0;
	while (read(ends[source][0], &word, sizeof(word)) == sizeof(word))
		n += (unsigned int)word;
	assert(errno == EAGAIN);
	ntaken += n;
	return n;
}

static void handle(const struct epoll_event *event)
{
	assert(event->events == EPOLLIN);
	if (same) {
		assert(event->data.u64 == SHARED);
		for (int i = 0; i < SOURCES; i++)
			drain(i);
		return;
	}
	int source = (int)(event->data.u64 >> 33);
	assert(event->data.u64 == data_of(source));
	assert(drain(source) > 0);
	if (source == 0 && nsent == SOURCES)
		send_to(2);
	if (flags & EPOLLONESHOT)
		arm(EPOLL_CTL_MOD, source);
}

/* Waits for the set by way of another one. */
static void wait_outside(void)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = 4};
	int outer = epoll_create1(0);
	assert(epoll_ctl(outer, EPOLL_CTL_ADD, set, &event) == 0);
	event.data.u32 = 0;
	assert(epoll_wait(outer, &event, 1, -1) == 1 && event.data.u32 == 4);
	close(outer);
}

static void run(bool nested)
{
	struct epoll_event events[ROOM];
	while (ntaken < SOURCES + (same ? 0u : 1u)) {
		if (nested)
			wait_outside();
		int n = epoll_wait(set, events, room, nested ? 0 : -1);
		assert(n > 0 && n <= room);
		for (int i = 0; i < n; i++)
			handle(&events[i]);
	}
	assert(epoll_wait(set, events, room, 0) == 0);
	assert(epoll_wait(set, events, room, 10) == 0);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "level";
	room = argc > 2 ? atoi(argv[2]) : ROOM;
	flags = (strstr(mode, "edge") ? EPOLLET : 0) | (strstr(mode, "once") ? EPOLLONESHOT : 0);
	same = !strcmp(mode, "same");
	set = epoll_create1(0);
	for (int i = 0; i < SOURCES; i++)
		open_source(i);
	if (!strcmp(mode, "forked")) {
		pid_t child = fork();
		if (child != 0) {
			int status;
			assert(waitpid(child, &status, 0) == child && status == 0);
			return 0;
		}
	}
	for (int i = 0; i < SOURCES; i++)
		send_to(i);
	run(!strcmp(mode, "nested"));
	return 0;
}
