/* epoll: the set is the kernel's; a wait asks whether the set is ready, and takes events when it is its turn. */
#include "epoll.h"

#include "call.h"

#include <poll.h>
#include <sys/epoll.h>

#include "channel.h"
#include "epoll_set.h"
#include "readiness.h"
#include "serving.h"
#include "snapshot.h"
#include "sys.h"

enum { NUMBERS = 4096, TAKEN = 256 };

/* By descriptor of the set: sockets to elsewhere have been added. What was inherited over exec is not known. */
static bool foreign[NUMBERS];

bool epoll_is_foreign(int fd)
{
	return fd < 0 || fd >= NUMBERS || foreign[fd];
}

struct epoll_wait {
	struct readiness readiness;
	int fd, nevents;
	struct epoll_event *events;
	uint64_t unchanged; /* since it found nothing but what is held, in the kernel's set: what others do changes this */
};

/* What the kernel has given, and the set as it was before. Whoever has the turn uses them. */
static struct taken {
	struct epoll_set set;
	int n;
	struct epoll_event events[TAKEN];
	const struct registration *registrations[TAKEN]; /* NULL: no source */
} taken;

/* Grows with whatever makes a held request come through, and is never 0. */
static uint64_t changes(void)
{
	return control->world.channel_changes + 1;
}

/* The kernel's set is ready for requests that are held, too. */
static bool is_ready(struct external *external)
{
	const struct epoll_wait *wait = (const struct epoll_wait *)external;

	return wait->unchanged != changes() && channel_is_ready(wait->fd, POLLIN);
}

/* Takes all that is ready when it can be given back, else as much as there is room for. */
static void take(const struct epoll_wait *wait)
{
	bool offers = !(wait->readiness.external.request.flags & REQUEST_GUARDED);
	int room = wait->nevents;

	epoll_set_read(&taken.set, wait->fd);
	if (room > TAKEN || (offers && (uint32_t)room < taken.set.n && epoll_set_is_whole(&taken.set)))
		room = TAKEN;
	snapshot_touch(taken.events, sizeof taken.events);
	taken.n = (int)sys_call3(SYS_epoll_pwait, wait->fd, (long)taken.events, room);
}

/* Requests that are held are not there yet: their events are given back. */
static void leave_held(void)
{
	int n = 0;

	for (int i = 0; i < taken.n; i++) {
		const struct registration *registration = epoll_set_find(&taken.set, taken.events[i].data.u64);
		if (registration && (taken.events[i].events & EPOLLIN) && serving_is_held(registration->fd) &&
			epoll_set_return(&taken.set, registration))
			continue;
		taken.events[n++] = taken.events[i];
	}
	taken.n = n;
}

static void decide(struct epoll_wait *wait, struct delivery *delivery)
{
	for (int i = 0; i < taken.n; i++) {
		const struct registration *registration = epoll_set_find(&taken.set, taken.events[i].data.u64);
		uint32_t object = registration ? epoll_set_source(registration) : 0;
		taken.registrations[i] = object ? registration : NULL;
		if (object)
			delivery_add(delivery, registration->fd, object);
	}
	readiness_decide(&wait->readiness, delivery, (uint32_t)wait->nevents);
}

static bool is_first(const struct delivery *delivery, int i)
{
	return taken.registrations[i] && delivery_is_first(delivery, taken.registrations[i]->fd);
}

/* Shall it wait, and can it? What is held back can be given back, or would be lost. */
static bool is_kept(const struct epoll_wait *wait, const struct delivery *delivery, int i)
{
	const struct registration *registration = taken.registrations[i];

	if (!registration || !(delivery_is_held(delivery, registration->fd) || wait->readiness.external.result == wait->nevents))
		return false;
	return epoll_set_return(&taken.set, registration);
}

static void deliver(struct epoll_wait *wait, const struct delivery *delivery)
{
	int64_t *result = &wait->readiness.external.result;

	*result = 0;
	for (int i = 0; i < taken.n; i++)
		if (is_first(delivery, i))
			wait->events[(*result)++] = taken.events[i];
	for (int i = 0; i < taken.n; i++)
		if (!is_first(delivery, i) && !is_kept(wait, delivery, i) && *result < wait->nevents)
			wait->events[(*result)++] = taken.events[i];
}

static bool attempt(struct external *external)
{
	struct epoll_wait *wait = (struct epoll_wait *)external;
	struct delivery delivery = {0};

	snapshot_use(wait->fd);
	take(wait);
	external->result = taken.n;
	if (taken.n > 0) {
		leave_held();
		if (taken.n == 0)
			wait->unchanged = changes();
		decide(wait, &delivery);
		deliver(wait, &delivery);
	}
	return external->result != 0;
}

static bool sleep_ready(struct external *external)
{
	struct pollfd query = {.fd = ((struct epoll_wait *)external)->fd, .events = POLLIN};

	sys_call3(SYS_poll, (long)&query, 1, -1);
	return false;
}

static int made(int fd)
{
	if (fd < 0)
		return call_error(errno);
	channel_mark(fd, CHANNEL_SET);
	if (fd < NUMBERS)
		foreign[fd] = false;
	return fd;
}

INTERPOSE(int, epoll_create, (int size), (size))
{
	return made(genuine_epoll_create(size));
}

INTERPOSE(int, epoll_create1, (int flags), (flags))
{
	return made(genuine_epoll_create1(flags));
}

INTERPOSE(int, epoll_ctl, (int set, int command, int fd, struct epoll_event *event), (set, command, fd, event))
{
	uint32_t object;

	if (genuine_epoll_ctl(set, command, fd, event) < 0)
		return call_error(errno);
	enum channel_kind kind = channel_of(fd, &object);
	if (set < NUMBERS && (kind == CHANNEL_SOCKET || (kind == CHANNEL_SET && epoll_is_foreign(fd))))
		foreign[set] = true;
	channel_touch(0); /* another task may be waiting on the set */
	return 0;
}

/* Negative errno, or the number of events. -ENOTSUP: for the genuine call. */
static int64_t wait_epoll(int fd, struct epoll_event *events, int nevents, int64_t span_ns, const sigset_t *during)
{
	struct epoll_wait wait = {.fd = fd, .events = events, .nevents = nevents};
	struct external *external = &wait.readiness.external;
	struct readiness_mask mask;

	if (nevents <= 0 || epoll_is_foreign(fd))
		return -ENOTSUP;
	readiness_add_all(&wait.readiness);
	external->is_ready = is_ready;
	external->attempt = attempt;
	external->sleep = sleep_ready;
	readiness_mask_set(&mask, during);
	int error = readiness_wait(&wait.readiness, span_ns);
	if (error == EINTR && span_ns == 0) /* a mere look is not interrupted, see Linux's ep_poll() */
		error = ETIMEDOUT;
	readiness_mask_restore(&mask, error);
	if (error == ETIMEDOUT)
		return 0;
	return error ? -error : external->result;
}

static int64_t span_of(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : (int64_t)timeout_ms * 1000000;
}

INTERPOSE(int, epoll_wait, (int fd, struct epoll_event *events, int nevents, int timeout_ms),
	(fd, events, nevents, timeout_ms))
{
	int64_t result = wait_epoll(fd, events, nevents, span_of(timeout_ms), NULL);

	return result == -ENOTSUP ? (int)call_slept(genuine_epoll_wait(fd, events, nevents, timeout_ms)) : (int)call_result(result);
}

INTERPOSE(int, epoll_pwait, (int fd, struct epoll_event *events, int nevents, int timeout_ms, const sigset_t *during),
	(fd, events, nevents, timeout_ms, during))
{
	int64_t result = wait_epoll(fd, events, nevents, span_of(timeout_ms), during);

	if (result == -ENOTSUP)
		return (int)call_slept(genuine_epoll_pwait(fd, events, nevents, timeout_ms, during));
	return (int)call_result(result);
}

INTERPOSE(int, epoll_pwait2,
	(int fd, struct epoll_event *events, int nevents, const struct timespec *timeout, const sigset_t *during),
	(fd, events, nevents, timeout, during))
{
	uint64_t span_ns = 0;

	if (timeout && !vclock_span(timeout, &span_ns))
		return call_error(EINVAL);
	int64_t result = wait_epoll(fd, events, nevents, timeout ? (int64_t)span_ns : -1, during);
	if (result == -ENOTSUP)
		return (int)call_slept(genuine_epoll_pwait2(fd, events, nevents, timeout, during));
	return (int)call_result(result);
}
