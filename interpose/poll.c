/* poll and ppoll. */
#include "call.h"

#include <poll.h>

#include "readiness.h"
#include "serving.h"
#include "signalfd.h"
#include "sleep.h"
#include "sys.h"

struct poll_wait {
	struct readiness readiness;
	struct pollfd *fds;
	nfds_t nfds;
};

/* Requests that are held are not there yet; how many descriptors have nothing else. */
static int64_t leave_held(const struct poll_wait *wait)
{
	int64_t n = 0;

	for (nfds_t i = 0; i < wait->nfds; i++) {
		struct pollfd *query = &wait->fds[i];
		if (!(query->revents & (POLLIN | POLLRDNORM)) || !serving_is_held(query->fd))
			continue;
		query->revents &= (short)~(POLLIN | POLLRDNORM);
		n += query->revents == 0;
	}
	return n;
}

static bool poll_now(const struct external *external, int64_t *result)
{
	const struct poll_wait *wait = (const struct poll_wait *)external;

	signalfd_settle();
	*result = sys_call3(SYS_poll, (long)wait->fds, (long)wait->nfds, 0);
	if (*result > 0)
		*result -= leave_held(wait);
	return *result != 0;
}

static bool is_ready(struct external *external)
{
	int64_t result;

	return poll_now(external, &result);
}

/* What is held back is not ready: the next poll finds it. */
static void hold_back(struct poll_wait *wait)
{
	struct delivery delivery = {0};

	for (nfds_t i = 0; i < wait->nfds; i++)
		if (wait->fds[i].revents)
			delivery_add(&delivery, wait->fds[i].fd, readiness_source(wait->fds[i].fd));
	readiness_decide(&wait->readiness, &delivery, 0);
	for (nfds_t i = 0; i < wait->nfds; i++)
		if (wait->fds[i].revents && delivery_is_held(&delivery, wait->fds[i].fd)) {
			wait->fds[i].revents = 0;
			wait->readiness.external.result--;
		}
}

static bool attempt(struct external *external)
{
	bool found = poll_now(external, &external->result);

	if (external->result > 1)
		hold_back((struct poll_wait *)external);
	return found;
}

static bool sleep_ready(struct external *external)
{
	const struct poll_wait *wait = (const struct poll_wait *)external;

	signalfd_poll(wait->fds, wait->nfds);
	return false;
}

/* Negative errno, or the number of ready descriptors. Sets of which one only the genuine call can wait for: -ENOTSUP. */
static int64_t wait_poll(struct pollfd *fds, nfds_t nfds, int64_t span_ns, const sigset_t *during)
{
	struct poll_wait wait = {.fds = fds, .nfds = nfds};
	struct external *external = &wait.readiness.external;
	struct readiness_mask mask;
	uint64_t left_ns;
	int error;

	for (nfds_t i = 0; i < nfds; i++)
		if (fds[i].fd >= 0)
			readiness_add(&wait.readiness, fds[i].fd);
	if (wait.readiness.foreign)
		return -ENOTSUP;
	external->is_ready = is_ready;
	external->attempt = attempt;
	external->sleep = sleep_ready;
	readiness_mask_set(&mask, during);
	error = nfds == 0 && span_ns >= 0 ? sleep_for((uint64_t)span_ns, &left_ns) : readiness_wait(&wait.readiness, span_ns);
	readiness_mask_restore(&mask, error);
	if (error == ETIMEDOUT || (nfds == 0 && error == 0))
		return 0;
	return error ? -error : external->result;
}

static int64_t span_of(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : (int64_t)timeout_ms * 1000000;
}

INTERPOSE(int, poll, (struct pollfd * fds, nfds_t nfds, int timeout_ms), (fds, nfds, timeout_ms))
{
	int64_t result = wait_poll(fds, nfds, span_of(timeout_ms), NULL);

	return result == -ENOTSUP ? (int)call_slept(genuine_poll(fds, nfds, timeout_ms)) : (int)call_result(result);
}

extern int __poll_chk(struct pollfd *fds, nfds_t nfds, int timeout_ms, size_t room);

INTERPOSE(int, __poll_chk, (struct pollfd * fds, nfds_t nfds, int timeout_ms, size_t room),
	(fds, nfds, timeout_ms, room))
{
	int64_t result = room / sizeof *fds < nfds ? -ENOTSUP : wait_poll(fds, nfds, span_of(timeout_ms), NULL);

	return result == -ENOTSUP ? (int)call_slept(genuine___poll_chk(fds, nfds, timeout_ms, room)) : (int)call_result(result);
}

static int64_t wait_ppoll(struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *during)
{
	uint64_t span_ns = 0;

	if (timeout && !vclock_span(timeout, &span_ns))
		return -EINVAL;
	return wait_poll(fds, nfds, timeout ? (int64_t)span_ns : -1, during);
}

INTERPOSE(int, ppoll, (struct pollfd * fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *during),
	(fds, nfds, timeout, during))
{
	int64_t result = wait_ppoll(fds, nfds, timeout, during);

	return result == -ENOTSUP ? READINESS_MASKED(during, genuine_ppoll(fds, nfds, timeout, during)) : (int)call_result(result);
}

extern int __ppoll_chk(struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *during,
	size_t room);

INTERPOSE(int, __ppoll_chk,
	(struct pollfd * fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *during, size_t room),
	(fds, nfds, timeout, during, room))
{
	int64_t result = room / sizeof *fds < nfds ? -ENOTSUP : wait_ppoll(fds, nfds, timeout, during);

	return result == -ENOTSUP ? READINESS_MASKED(during, genuine___ppoll_chk(fds, nfds, timeout, during, room)) : (int)call_result(result);
}
