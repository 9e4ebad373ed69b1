/* One thread, one event loop: an order is checked in one turn of the loop and fulfilled in a later one, when the stock
 * has answered. A webhook that comes in between checks it, too, and it is fulfilled twice.
 * race: explore --strategy dfs --bound none -- epoll
 * expect: check within 10
 * race: explore -- poll
 * expect: check within 10
 * race: explore -- select
 * expect: check within 10
 * race: explore --strategy random --max-executions 100 -- epoll
 * expect: check within 40
 * race: explore --strategy pct --max-executions 100 -- poll
 * expect: check within 40
 */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../runtime/shared/race.h"
#include "threads.h"

enum source { RESPONSE, RESPONSE_STOCK, WEBHOOK, WEBHOOK_STOCK, SOURCES };

static int ends[SOURCES][2];
static int nfulfilled, nanswered, epoll;

static void say(enum source source)
{
	ssize_t n = write(ends[source][1], "m", 1);
	assert(n == 1);
}

static bool is_pending(void)
{
	return nfulfilled == 0;
}

static void fulfill(void)
{
#ifdef FIXED
	if (!is_pending())
		return;
#endif
	nfulfilled++;
	race_check(nfulfilled == 1, "an order is fulfilled once");
}

/* The first turn of a request; the second is when the stock has answered. */
static void ask_stock(enum source stock)
{
	if (is_pending())
		say(stock);
	else
		nanswered++;
}

static void handle(enum source source)
{
	char message;
	ssize_t n = read(ends[source][0], &message, 1);
	assert(n == 1);
	switch (source) {
	case RESPONSE:
		ask_stock(RESPONSE_STOCK);
		say(WEBHOOK);
		break;
	case WEBHOOK:
		ask_stock(WEBHOOK_STOCK);
		break;
	default:
		fulfill();
		nanswered++;
	}
}

static void turn_epoll(void)
{
	struct epoll_event events[SOURCES];
	int n = epoll_wait(epoll, events, SOURCES, -1);
	assert(n > 0);
	for (int i = 0; i < n; i++)
		handle(events[i].data.u32);
}

static void turn_poll(void)
{
	struct pollfd fds[SOURCES];
	for (int i = 0; i < SOURCES; i++)
		fds[i] = (struct pollfd){.fd = ends[i][0], .events = POLLIN};
	int n = poll(fds, SOURCES, -1);
	for (int i = 0; i < SOURCES; i++)
		if (fds[i].revents) {
			handle(i);
			n--;
		}
	assert(n == 0);
}

static void turn_select(void)
{
	fd_set reads;
	FD_ZERO(&reads);
	for (int i = 0; i < SOURCES; i++)
		FD_SET(ends[i][0], &reads);
	int n = select(ends[SOURCES - 1][1] + 1, &reads, NULL, NULL, NULL);
	for (int i = 0; i < SOURCES; i++)
		if (FD_ISSET(ends[i][0], &reads)) {
			handle(i);
			n--;
		}
	assert(n == 0);
}

int main(int argc, char **argv)
{
	void (*turn)(void) = argc < 2 || !strcmp(argv[1], "epoll") ? turn_epoll
			     : !strcmp(argv[1], "poll")            ? turn_poll
								   : turn_select;
	epoll = epoll_create1(0);
	for (int i = 0; i < SOURCES; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
		int error = i % 2 ? pipe(ends[i]) : socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]);
		assert(error == 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, ends[i][0], &event) == 0);
	}
	say(RESPONSE);
	while (nanswered < 2)
		turn();
	return 0;
}
