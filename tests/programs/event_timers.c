/* A session is looked at when one timer fires and used when the next one does; a third timer, due at the same moment,
 * ends it in between.
 * race: explore --strategy dfs --bound none -- epoll
 * expect: check within 10
 * race: explore -- poll
 * expect: check within 10
 */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../../runtime/shared/race.h"
#include "threads.h"

enum timer { LOOK, USE, END, TIMERS };

static int timers[TIMERS], set;
static bool lives = true, done;

static void fire_after(enum timer timer, long milliseconds)
{
	struct itimerspec value = {.it_value.tv_nsec = milliseconds * 1000000};
	int error = timerfd_settime(timers[timer], 0, &value, NULL);
	assert(error == 0);
}

static void use(void)
{
#ifdef FIXED
	if (!lives)
		return;
#endif
	race_check(lives, "a session lives while it is used");
}

static void handle(enum timer timer)
{
	uint64_t count;
	ssize_t n = read(timers[timer], &count, sizeof(count));
	assert(n == sizeof(count) && count == 1);
	if (timer == LOOK && lives)
		fire_after(USE, 1);
	else if (timer == LOOK)
		done = true;
	else if (timer == END)
		lives = false;
	else
		use();
	done |= timer == USE;
}

static void turn_epoll(void)
{
	struct epoll_event events[TIMERS];
	int n = epoll_wait(set, events, TIMERS, -1);
	assert(n > 0);
	for (int i = 0; i < n; i++)
		handle(events[i].data.u32);
}

static void turn_poll(void)
{
	struct pollfd fds[TIMERS];
	for (int i = 0; i < TIMERS; i++)
		fds[i] = (struct pollfd){.fd = timers[i], .events = POLLIN};
	assert(poll(fds, TIMERS, -1) > 0);
	for (int i = 0; i < TIMERS; i++)
		if (fds[i].revents)
			handle(i);
}

int main(int argc, char **argv)
{
	bool polls = argc > 1 && !strcmp(argv[1], "poll");
	set = epoll_create1(0);
	for (int i = 0; i < TIMERS; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
		timers[i] = timerfd_create(CLOCK_MONOTONIC, 0);
		assert(timers[i] >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, timers[i], &event) == 0);
	}
	fire_after(LOOK, 10);
	fire_after(END, 11);
	while (lives || !done)
		polls ? turn_poll() : turn_epoll();
	return 0;
}
