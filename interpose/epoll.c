/*
 * epoll: the set is the kernel's; a wait asks whether the set is ready, and takes events when it is its turn.
 *
 * Where databases are looked at (--db), what a loop serves comes one at a time: requests, and the replies of servers
 * that it asks. Who works for what would not be known otherwise: a loop that is told of two reads both, and goes on with
 * the first afterwards. Nor does it hear of any at a mere look, which it does while it has something left to do.
 */
#include "epoll.h"

#include "call.h"

#include <poll.h>
#include <sys/epoll.h>

#include "channel.h"
#include "epoll_set.h"
#include "readiness.h"
#include "serving.h"
#include "session_loop.h"
#include "signalfd.h"
#include "snapshot.h"
#include "sys.h"

enum { NUMBERS = 4096, TAKEN = 256, LOOKS = 100 };

/* By descriptor of the set: sockets to elsewhere have been added. What was inherited over exec is not known. */
static bool foreign[NUMBERS];

/* Mere looks in a row at which something was there that it was not told of. */
static uint8_t looks[NUMBERS];

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

/* Who has read all of one request, and thinks that this was all there is, hears of the next one as if it came now. */
static void call_again(const struct epoll_set *set)
{
	for (uint32_t i = 0; i < set->n; i++)
		if ((set->rows[i].events & EPOLLET) && (set->rows[i].events & EPOLLIN) && serving_collect(set->rows[i].fd))
			epoll_set_return(set, &set->rows[i]);
}

/* Takes all that is ready when it can be given back, else as much as there is room for. */
static void take(const struct epoll_wait *wait)
{
	bool offers = !(wait->readiness.external.request.flags & REQUEST_GUARDED);
	int room = wait->nevents;

	signalfd_settle();
	epoll_set_read(&taken.set, wait->fd);
	if (control->world.book.nowed > 0)
		call_again(&taken.set);
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

/* Only by taking is it known what there is beside held requests. */
static bool has_more_than_held(const struct epoll_wait *wait)
{
	take(wait);
	leave_held();
	for (int i = 0; i < taken.n; i++) {
		const struct registration *registration = epoll_set_find(&taken.set, taken.events[i].data.u64);
		if (registration)
			epoll_set_return(&taken.set, registration);
	}
	return taken.n != 0;
}

/* Grows with whatever makes a held request come through, and is never 0. */
static uint64_t changes(void)
{
	return control->world.channel_changes + 1;
}

static bool is_ready(struct external *external)
{
	const struct epoll_wait *wait = (const struct epoll_wait *)external;

	signalfd_settle();
	if (control->world.book.nowed > 0) {
		epoll_set_read(&taken.set, wait->fd);
		call_again(&taken.set);
	}
	return wait->unchanged != changes() && channel_is_ready(wait->fd, POLLIN) &&
		(control->world.book.nheld == 0 || has_more_than_held(wait));
}

/* What stands for an event that may as well come later; *serves: it is of those that come one at a time. */
static uint32_t source_of(const struct registration *registration, uint32_t events, bool *serves)
{
	uint32_t object = epoll_set_source(registration);

	*serves = false;
	if (control->npeers == 0 || !(events & ~(uint32_t)EPOLLOUT))
		return object;
	uint32_t served = epoll_set_served(registration);
	*serves = served != 0;
	return served ? served : object;
}

/* More than a hundred looks without a wait: this loop does nothing but look. */
static bool is_told_later(const struct epoll_wait *wait)
{
	bool later = wait->readiness.looks && wait->fd < NUMBERS && looks[wait->fd] < LOOKS;

	if (wait->fd < NUMBERS)
		looks[wait->fd] = later ? looks[wait->fd] + 1 : 0;
	return later;
}

static void decide(struct epoll_wait *wait, struct delivery *delivery)
{
	bool serves = false;

	for (int i = 0; i < taken.n; i++) {
		const struct registration *registration = epoll_set_find(&taken.set, taken.events[i].data.u64);
		bool served = false;
		uint32_t object = registration ? source_of(registration, taken.events[i].events, &served) : 0;
		taken.registrations[i] = object ? registration : NULL;
		serves |= served;
		if (object)
			delivery_add(delivery, registration->fd, object);
	}
	if (serves && is_told_later(wait))
		delivery_postpone(delivery);
	else
		readiness_decide(&wait->readiness, delivery, serves ? 1 : (uint32_t)wait->nevents);
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

	signalfd_poll(&query, 1);
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

static bool can_wait_for(int fd)
{
	uint32_t object;

	switch (channel_of(fd, &object)) {
	case CHANNEL_SOCKET:
		return session_loop_join(fd);
	case CHANNEL_SET:
		return !epoll_is_foreign(fd);
	default:
		return true;
	}
}

INTERPOSE(int, epoll_ctl, (int set, int command, int fd, struct epoll_event *event), (set, command, fd, event))
{
	if (genuine_epoll_ctl(set, command, fd, event) < 0)
		return call_error(errno);
	if (command != EPOLL_CTL_DEL && set < NUMBERS && !can_wait_for(fd))
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

	if (nevents <= 0 || epoll_is_foreign(fd) || !session_loop_settle())
		return -ENOTSUP;
	readiness_add_all(&wait.readiness);
	wait.readiness.outside = session_loop_exists();
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
		return READINESS_MASKED(during, genuine_epoll_pwait(fd, events, nevents, timeout_ms, during));
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
		return READINESS_MASKED(during, genuine_epoll_pwait2(fd, events, nevents, timeout, during));
	return (int)call_result(result);
}
