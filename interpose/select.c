/* select and pselect. */
#include "call.h"

#include <string.h>
#include <sys/select.h>

#include "readiness.h"
#include "serving.h"
#include "signalfd.h"
#include "sleep.h"
#include "sys.h"

enum { MOMENT_NS = 1000000, SETS = 3 };

struct select_wait {
	struct readiness readiness;
	int nfds;
	fd_set *sets[SETS];  /* the caller's; each may be NULL */
	fd_set asked[SETS];  /* what was in them */
};

/* Requests that are held are not there yet; how many were taken out. */
static long leave_held(const struct select_wait *wait, fd_set *answers)
{
	long n = 0;

	for (int fd = 0; wait->sets[0] && fd < wait->nfds; fd++)
		if (FD_ISSET(fd, &answers[0]) && serving_is_held(fd)) {
			FD_CLR(fd, &answers[0]);
			n++;
		}
	return n;
}

/* Asks the kernel about copies, and sleeps if it is to. Negative errno, or how many are ready. */
static long ask(const struct select_wait *wait, fd_set *answers, bool sleeps)
{
	struct timespec span = {.tv_nsec = sleeps ? MOMENT_NS : 0};
	long sets[SETS];

	signalfd_settle();
	memcpy(answers, wait->asked, sizeof wait->asked);
	for (int i = 0; i < SETS; i++)
		sets[i] = wait->sets[i] ? (long)&answers[i] : 0;
	long n = sys_call(SYS_pselect6, wait->nfds, sets[0], sets[1], sets[2], sleeps && !signalfd_exists() ? 0 : (long)&span, 0);
	return n > 0 ? n - leave_held(wait, answers) : n;
}

static bool is_ready(struct external *external)
{
	fd_set answers[SETS];

	return ask((struct select_wait *)external, answers, false) != 0;
}

/* In how many sets is it? Takes it out of them. */
static int take_out(const struct select_wait *wait, fd_set *answers, int fd)
{
	int n = 0;

	for (int i = 0; i < SETS; i++)
		if (wait->sets[i] && FD_ISSET(fd, &answers[i])) {
			FD_CLR(fd, &answers[i]);
			n++;
		}
	return n;
}

static bool is_in(const struct select_wait *wait, const fd_set *sets, int fd)
{
	for (int i = 0; i < SETS; i++)
		if (wait->sets[i] && FD_ISSET(fd, &sets[i]))
			return true;
	return false;
}

/* What is held back is not ready: the next select finds it. */
static void hold_back(struct select_wait *wait, fd_set *answers)
{
	struct delivery delivery = {0};

	for (int fd = 0; fd < wait->nfds; fd++)
		if (is_in(wait, answers, fd))
			delivery_add(&delivery, fd, readiness_source(fd));
	readiness_decide(&wait->readiness, &delivery, 0);
	for (uint32_t i = 0; i < delivery.n; i++)
		if (delivery.sources[i].held)
			wait->readiness.external.result -= take_out(wait, answers, delivery.sources[i].fd);
}

static bool attempt(struct external *external)
{
	struct select_wait *wait = (struct select_wait *)external;
	fd_set answers[SETS];

	external->result = ask(wait, answers, false);
	if (external->result > 1)
		hold_back(wait, answers);
	for (int i = 0; i < SETS && external->result > 0; i++)
		if (wait->sets[i])
			memcpy(wait->sets[i], &answers[i], ((size_t)wait->nfds + 63) / 64 * 8);
	return external->result != 0;
}

static bool sleep_ready(struct external *external)
{
	fd_set answers[SETS];

	while (ask((struct select_wait *)external, answers, true) == 0)
		;
	return false;
}

static void add_all(struct select_wait *wait)
{
	for (int fd = 0; fd < wait->nfds; fd++)
		if (is_in(wait, wait->asked, fd))
			readiness_add(&wait->readiness, fd);
}

static void clear(const struct select_wait *wait)
{
	for (int i = 0; i < SETS; i++)
		if (wait->sets[i])
			memset(wait->sets[i], 0, ((size_t)wait->nfds + 63) / 64 * 8);
}

/* Negative errno, or how many are ready. -ENOTSUP: for the genuine call. */
static int64_t wait_select(struct select_wait *wait, int64_t span_ns, const sigset_t *during)
{
	struct external *external = &wait->readiness.external;
	struct readiness_mask mask;
	uint64_t left_ns;

	if (wait->nfds < 0 || wait->nfds > FD_SETSIZE)
		return -ENOTSUP;
	for (int i = 0; i < SETS; i++)
		if (wait->sets[i])
			memcpy(&wait->asked[i], wait->sets[i], ((size_t)wait->nfds + 63) / 64 * 8);
	add_all(wait);
	if (wait->readiness.foreign)
		return -ENOTSUP;
	external->is_ready = is_ready;
	external->attempt = attempt;
	external->sleep = sleep_ready;
	readiness_mask_set(&mask, during);
	bool sleeps = wait->nfds == 0 && span_ns >= 0;
	int error = sleeps ? sleep_for((uint64_t)span_ns, &left_ns) : readiness_wait(&wait->readiness, span_ns);
	readiness_mask_restore(&mask, error);
	if (error == ETIMEDOUT || (sleeps && error == 0)) {
		clear(wait);
		return 0;
	}
	return error ? -error : external->result;
}

/* Linux tells the caller how much of the time is left. */
static void tell_left(struct timeval *timeout, uint64_t deadline_ns)
{
	uint64_t now = control->world.now_ns;
	struct timespec left = call_timespec(deadline_ns > now ? deadline_ns - now : 0);

	*timeout = (struct timeval){left.tv_sec, left.tv_nsec / 1000};
}

INTERPOSE(int, select, (int nfds, fd_set *reads, fd_set *writes, fd_set *exceptions, struct timeval *timeout),
	(nfds, reads, writes, exceptions, timeout))
{
	struct select_wait wait = {.nfds = nfds, .sets = {reads, writes, exceptions}};
	uint64_t span_ns = 0;

	if (timeout) {
		struct timespec span = {timeout->tv_sec + timeout->tv_usec / 1000000, timeout->tv_usec % 1000000 * 1000};
		if (!vclock_span(&span, &span_ns))
			return call_error(EINVAL);
	}
	uint64_t deadline_ns = vclock_after(span_ns);
	int64_t result = wait_select(&wait, timeout ? (int64_t)span_ns : -1, NULL);
	if (result == -ENOTSUP)
		return (int)call_slept(genuine_select(nfds, reads, writes, exceptions, timeout));
	if (timeout)
		tell_left(timeout, deadline_ns);
	return (int)call_result(result);
}

INTERPOSE(int, pselect,
	(int nfds, fd_set *reads, fd_set *writes, fd_set *exceptions, const struct timespec *timeout,
		const sigset_t *during),
	(nfds, reads, writes, exceptions, timeout, during))
{
	struct select_wait wait = {.nfds = nfds, .sets = {reads, writes, exceptions}};
	uint64_t span_ns = 0;

	if (timeout && !vclock_span(timeout, &span_ns))
		return call_error(EINVAL);
	int64_t result = wait_select(&wait, timeout ? (int64_t)span_ns : -1, during);
	if (result == -ENOTSUP)
		return READINESS_MASKED(during, genuine_pselect(nfds, reads, writes, exceptions, timeout, during));
	return (int)call_result(result);
}
