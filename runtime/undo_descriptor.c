#include "undo_descriptor.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "inherited.h"
#include "opened.h"
#include "region.h"
#include "sys.h"

static bool perform(long number, const long *a, long *result)
{
	*result = sys_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return true;
}

static bool touch(long address, uint64_t nbytes)
{
	return address == 0 || region_touch((uint64_t)address, nbytes);
}

static bool is_lock(long command)
{
	return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

static bool copy_by(long number, const long *a, long *result)
{
	if (!opened_begin_duplicate(a[0]))
		return false;
	opened_note();
	perform(number, a, result);
	opened_end_duplicate(a[0], *result);
	return true;
}

bool undo_descriptor_control(const long *a, long *result)
{
	bool harmless = a[1] == F_GETFD || a[1] == F_GETFL || a[1] == F_DUPFD || a[1] == F_DUPFD_CLOEXEC || a[1] == F_GETLK ||
		a[1] == F_OFD_GETLK || is_lock(a[1]);

	bool sets = (a[1] == F_SETFL || a[1] == F_SETFD) && inherited_is(a[0]);

	if (opened_is_old(a[0]) && !harmless && !(sets && opened_note_flags(a[0])))
		return false;
	if (is_lock(a[1]))
		opened_note_lock(a[0]);
	if (a[1] == F_GETLK || a[1] == F_OFD_GETLK)
		touch(a[2], sizeof(struct flock));
	if (a[1] == F_DUPFD || a[1] == F_DUPFD_CLOEXEC)
		return copy_by(SYS_fcntl, a, result);
	return perform(SYS_fcntl, a, result);
}

bool undo_descriptor_copy(const long *a, long *result)
{
	return copy_by(SYS_dup, a, result);
}

/* A session with a database ends with its descriptor, goodbye or not. */
static bool may_go(long fd)
{
	return (!inherited_is(fd) || inherited_has_ended(fd)) && opened_set_aside(fd);
}

/* After the goodbye, which the server has not heard, neither does it hear this. */
bool undo_descriptor_shutdown(const long *a, long *result)
{
	*result = 0;
	if (inherited_is(a[0]))
		return inherited_has_ended(a[0]);
	return !opened_is_old(a[0]) && perform(SYS_shutdown, a, result);
}

bool undo_descriptor_close(const long *a, long *result)
{
	if (!may_go(a[0]))
		return false;
	return perform(SYS_close, a, result);
}

static bool duplicate_to(long number, const long *a, long *result)
{
	if (a[0] != a[1] && !may_go(a[1]))
		return false;
	return copy_by(number, a, result);
}

bool undo_descriptor_duplicate(const long *a, long *result)
{
	return duplicate_to(SYS_dup2, a, result);
}

bool undo_descriptor_duplicate_with(const long *a, long *result)
{
	return duplicate_to(SYS_dup3, a, result);
}

bool undo_descriptor_ask(const long *a, long *result)
{
	enum { GETS = 0x5401, GET_SIZE = 0x5413, COUNT = 0x541b };

	if (opened_is_old(a[0]) && a[1] != GETS && a[1] != GET_SIZE && a[1] != COUNT)
		return false;
	region_touch((uint64_t)a[2], 64);
	return perform(SYS_ioctl, a, result);
}

bool undo_descriptor_lock(const long *a, long *result)
{
	opened_note_lock(a[0]);
	return perform(SYS_flock, a, result);
}

static bool touch_vectors(long vectors, long n)
{
	const struct iovec *vector = (const struct iovec *)vectors;
	bool fits = true;

	for (long i = 0; vector && i < n && i < IOV_MAX; i++)
		fits &= touch((long)vector[i].iov_base, vector[i].iov_len);
	return fits;
}

bool undo_descriptor_read(const long *a, long *result)
{
	if (opened_is_old(a[0]) && (opened_has_state(a[0]) || !opened_note_offset(a[0])))
		return false;
	if (!touch_vectors(a[1], a[2]))
		return false;
	return perform(SYS_readv, a, result);
}

/* Where an address goes, and how long it may be: said there, too. */
static bool touch_address(long address, long length)
{
	const socklen_t *room = (const socklen_t *)length;

	return address == 0 || room == NULL || (touch(length, sizeof *room) && touch(address, *room));
}

bool undo_descriptor_receive(const long *a, long *result)
{
	*result = 0; /* a server hangs up after a goodbye */
	if (inherited_is(a[0]) && inherited_has_ended(a[0]))
		return true;
	if (opened_has_state(a[0]) || !touch(a[1], (uint64_t)a[2]) || !touch_address(a[4], a[5]))
		return false;
	return perform(SYS_recvfrom, a, result);
}

bool undo_descriptor_receive_message(const long *a, long *result)
{
	const struct msghdr *message = (const struct msghdr *)a[1];

	if (opened_has_state(a[0]))
		return false;
	if (message && (!touch(a[1], sizeof *message) || !touch((long)message->msg_name, message->msg_namelen) ||
			!touch((long)message->msg_control, message->msg_controllen) ||
			!touch_vectors((long)message->msg_iov, (long)message->msg_iovlen)))
		return false;
	opened_note(); /* descriptors may come with it */
	return perform(SYS_recvmsg, a, result);
}

static bool accept_by(long number, const long *a, long *result)
{
	if (opened_has_state(a[0]) || !touch_address(a[1], a[2]))
		return false;
	opened_note();
	return perform(number, a, result);
}

bool undo_descriptor_accept(const long *a, long *result)
{
	return accept_by(SYS_accept, a, result);
}

bool undo_descriptor_accept_with(const long *a, long *result)
{
	return accept_by(SYS_accept4, a, result);
}

bool undo_descriptor_name(const long *a, long *result)
{
	return touch_address(a[1], a[2]) && perform(SYS_getsockname, a, result);
}

bool undo_descriptor_peer(const long *a, long *result)
{
	return touch_address(a[1], a[2]) && perform(SYS_getpeername, a, result);
}

bool undo_descriptor_option(const long *a, long *result)
{
	return touch_address(a[3], a[4]) && perform(SYS_getsockopt, a, result);
}

bool undo_descriptor_poll(const long *a, long *result)
{
	return touch(a[0], (uint64_t)a[1] * sizeof(struct pollfd)) && perform(SYS_poll, a, result);
}

bool undo_descriptor_poll_until(const long *a, long *result)
{
	return touch(a[0], (uint64_t)a[1] * sizeof(struct pollfd)) && touch(a[2], sizeof(struct timespec)) &&
		perform(SYS_ppoll, a, result);
}

static bool touch_sets(const long *a)
{
	return touch(a[1], sizeof(fd_set)) && touch(a[2], sizeof(fd_set)) && touch(a[3], sizeof(fd_set)) &&
		touch(a[4], sizeof(struct timespec));
}

bool undo_descriptor_select(const long *a, long *result)
{
	return touch_sets(a) && perform(SYS_select, a, result);
}

bool undo_descriptor_select_until(const long *a, long *result)
{
	return touch_sets(a) && perform(SYS_pselect6, a, result);
}

static bool wait_events(long number, const long *a, long *result)
{
	if (opened_has_state(a[0]) || !touch(a[1], (uint64_t)a[2] * sizeof(struct epoll_event)))
		return false;
	return perform(number, a, result);
}

bool undo_descriptor_events(const long *a, long *result)
{
	return wait_events(SYS_epoll_wait, a, result);
}

bool undo_descriptor_events_until(const long *a, long *result)
{
	return wait_events(SYS_epoll_pwait, a, result);
}
