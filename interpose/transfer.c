/*
 * read and write on channels. A read that poll calls ready does not sleep. A write to a pipe does not, as long as it
 * is of no more than PIPE_BUF bytes: longer ones go in such pieces, as many as there is room for. Sockets take a flag.
 */
#include "transfer.h"

#include "call.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "await.h"
#include "channel.h"
#include "idle.h"
#include "network.h"
#include "outside.h"
#include "random.h"
#include "serving.h"
#include "session.h"
#include "session_message.h"
#include "session_observed.h"
#include "session_tls.h"
#include "signalfd.h"
#include "snapshot.h"
#include "sys.h"
#include "timerfd.h"

struct transfer {
	struct external external;
	int fd;
	const struct iovec *vectors;
	int nvectors;
	size_t done;   /* bytes moved so far */
	size_t wanted;
	bool never;    /* non-blocking */
	bool socket;
	int flags;     /* of sockets */
	short events;
};

static struct transfer *transfer_of(struct external *external)
{
	return (struct transfer *)external;
}

bool transfer_reads(int fd)
{
	uint32_t object;
	enum channel_kind kind = channel_of(fd, &object);

	if (kind == CHANNEL_TIMER)
		return true;
	if (kind == CHANNEL_OUTSIDE)
		return !channel_is_ready(fd, POLLIN) && !await_never(fd);
	return kind == CHANNEL_INSIDE;
}

bool transfer_writes(int fd)
{
	uint32_t object;

	return channel_of(fd, &object) == CHANNEL_INSIDE;
}

static bool is_ready(struct external *external)
{
	const struct transfer *transfer = transfer_of(external);

	return transfer->never || transfer->wanted == 0 || channel_is_ready(transfer->fd, transfer->events);
}

static bool moved(struct transfer *transfer, long result)
{
	transfer->external.result = result;
	transfer->external.unchanged = result <= 0;
	if (result > 0)
		transfer->done += (size_t)result;
	return true;
}

static bool attempt_read(struct external *external)
{
	struct transfer *transfer = transfer_of(external);

	if (!is_ready(external))
		return false;
	if (serving_is_held(transfer->fd))
		return moved(transfer, -EAGAIN);
	const struct iovec *vectors = transfer->vectors;
	struct iovec piece;
	int nvectors = serving_fit(transfer->fd, &vectors, transfer->nvectors, &piece);
	for (int i = 0; i < nvectors; i++)
		snapshot_touch(vectors[i].iov_base, vectors[i].iov_len);
	moved(transfer, sys_call3(SYS_readv, transfer->fd, (long)vectors, nvectors));
	if (transfer->wanted > 0)
		serving_read(transfer->fd, external->request.object, external->result);
	return true;
}

/* What comes next: at most `most` bytes, of one vector. */
static struct iovec piece_at(const struct transfer *transfer, size_t most)
{
	const struct iovec *vector = transfer->vectors;
	size_t done = transfer->done;

	while (done >= vector->iov_len) {
		done -= vector->iov_len;
		vector++;
	}
	size_t length = vector->iov_len - done;
	return (struct iovec){(char *)vector->iov_base + done, length < most ? length : most};
}

/* Messages must not be split, so the first call has all vectors; only on a stream is something left. */
static long send_piece(const struct transfer *transfer)
{
	struct iovec piece;
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

	if (transfer->done == 0) {
		message.msg_iov = (struct iovec *)transfer->vectors;
		message.msg_iovlen = (size_t)transfer->nvectors;
	} else {
		piece = piece_at(transfer, SIZE_MAX);
	}
	return sys_call3(SYS_sendmsg, transfer->fd, (long)&message, transfer->flags | MSG_DONTWAIT);
}

static long write_piece(const struct transfer *transfer)
{
	if (transfer->socket)
		return send_piece(transfer);
	if (!channel_is_ready(transfer->fd, POLLOUT))
		return -EAGAIN;
	struct iovec piece = piece_at(transfer, PIPE_BUF);
	return sys_call3(SYS_write, transfer->fd, (long)piece.iov_base, (long)piece.iov_len);
}

/* One call is enough, and must be made as one: what it writes must not be split. */
static bool is_whole(const struct transfer *transfer)
{
	return !transfer->socket && (transfer->never || transfer->wanted <= PIPE_BUF);
}

static bool attempt_write(struct external *external)
{
	struct transfer *transfer = transfer_of(external);
	size_t before = transfer->done;
	long result;

	if (is_whole(transfer)) {
		if (!is_ready(external))
			return false;
		return moved(transfer, sys_call3(SYS_writev, transfer->fd, (long)transfer->vectors, transfer->nvectors));
	}
	do {
		result = write_piece(transfer);
		if (result > 0 && transfer->socket)
			serving_wrote(transfer->fd, external->request.object, transfer->vectors, transfer->done, (size_t)result);
		transfer->done += result > 0 ? (size_t)result : 0;
	} while (result > 0 && transfer->done < transfer->wanted);
	external->unchanged = transfer->done == before;
	external->result = external->unchanged ? result : (int64_t)(transfer->done - before);
	return !external->unchanged || result != -EAGAIN || transfer->never;
}

/* Waits for somebody who is not controlled. */
static bool sleep_ready(struct external *external)
{
	const struct transfer *transfer = transfer_of(external);
	struct pollfd query = {.fd = transfer->fd, .events = transfer->events};

	sys_call3(SYS_poll, (long)&query, 1, -1);
	return false;
}

static struct transfer transfer_to(enum op op, int fd, const struct iovec *vectors, int nvectors, bool guarded)
{
	bool reads = op == OP_PIPE_READ;
	uint32_t object;
	enum channel_kind kind = channel_of(fd, &object);
	struct transfer transfer = {
		.external = {.request = call_request(op, object), .is_ready = is_ready, .sleep = sleep_ready},
		.fd = fd, .vectors = vectors, .nvectors = nvectors, .never = await_never(fd),
		.events = reads ? POLLIN : POLLOUT,
	};

	transfer.external.attempt = reads ? attempt_read : attempt_write;
	transfer.external.request.flags = guarded ? REQUEST_GUARDED : 0;
	transfer.external.timers = kind == CHANNEL_TIMER;
	if (kind == CHANNEL_OUTSIDE || (control->world.objects[object].flags & OBJECT_OUTSIDE))
		transfer.external.request.flags |= REQUEST_OUTSIDE;
	for (int i = 0; i < nvectors; i++)
		transfer.wanted += vectors[i].iov_len;
	return transfer;
}

ssize_t transfer_read(int fd, const struct iovec *vectors, int nvectors, bool guarded)
{
	if (signalfd_is(fd))
		return signalfd_read(fd, vectors, nvectors, guarded);
	struct transfer transfer = transfer_to(OP_PIPE_READ, fd, vectors, nvectors, guarded);

	await_patience(&transfer.external.request, fd, SO_RCVTIMEO);
	int error = await_external(&transfer.external, true);
	if (error == ETIMEDOUT)
		error = EAGAIN;
	if (transfer.never)
		idle_try(transfer.external.request.object, transfer.external.result == -EAGAIN);
	if (transfer.external.timers && transfer.external.result > 0)
		timerfd_take(fd, vectors[0].iov_base);
	return error ? -error : transfer.external.result;
}

static bool is_socket(int fd)
{
	struct stat status;

	return sys_call3(SYS_fstat, fd, (long)&status, 0) == 0 && S_ISSOCK(status.st_mode);
}

static ssize_t write_all(struct transfer *transfer)
{
	struct external *external = &transfer->external;
	int error;

	if (transfer->socket)
		await_patience(&external->request, transfer->fd, SO_SNDTIMEO);
	do
		error = await_external(external, true);
	while (error == 0 && external->result > 0 && transfer->done < transfer->wanted && !transfer->never);
	if (transfer->never)
		idle_try(external->request.object, external->result == -EAGAIN);
	if (transfer->done > 0)
		return (ssize_t)transfer->done;
	if (error == ETIMEDOUT)
		error = EAGAIN;
	return error ? -error : external->result;
}

ssize_t transfer_write(int fd, const struct iovec *vectors, int nvectors, bool guarded)
{
	struct transfer transfer = transfer_to(OP_PIPE_WRITE, fd, vectors, nvectors, guarded);

	transfer.socket = is_socket(fd);
	return write_all(&transfer);
}

ssize_t transfer_send(int fd, const struct iovec *vectors, int nvectors, int flags)
{
	struct transfer transfer = transfer_to(OP_PIPE_WRITE, fd, vectors, nvectors, module_is_guarded(self.site));

	transfer.socket = true;
	transfer.flags = flags & ~MSG_MORE; /* see delay.h */
	transfer.never |= flags & MSG_DONTWAIT;
	return write_all(&transfer);
}

static bool is_guarded(void)
{
	return module_is_guarded(self.site);
}

static ssize_t received(int fd, const struct iovec *vectors, int nvectors, ssize_t nbytes)
{
	uint32_t session = nbytes > 0 ? session_of(fd) : 0;

	if (session)
		session_received_all(fd, session, vectors, nvectors, (size_t)nbytes);
	return session ? nbytes : random_read(fd, vectors, nvectors, nbytes);
}

/* Messages of a server that a genuine call would wait for are waited for here. */
static bool is_awaited(int fd)
{
	int error = session_message_await(fd);

	return error == 0 || call_error(error) == 0;
}

INTERPOSE(ssize_t, read, (int fd, void *buffer, size_t nbytes), (fd, buffer, nbytes),
	SESSION_RECEIVE_OBSERVED(genuine_read(fd, buffer, nbytes), fd, SESSION_VECTOR(buffer, nbytes), 1, 0))
{
	struct iovec vector = {buffer, nbytes};
	int64_t served;

	if (session_tls_serves(fd, &vector, 1, &served))
		return call_result(served);
	if (!transfer_reads(fd))
		return !is_awaited(fd) ? -1 : received(fd, &vector, 1, call_slept(genuine_read(fd, buffer, nbytes)));
	return call_result(transfer_read(fd, &vector, 1, is_guarded()));
}

INTERPOSE(ssize_t, write, (int fd, const void *buffer, size_t nbytes), (fd, buffer, nbytes),
	SESSION_SEND_OBSERVED(genuine_write(fd, buffer, nbytes), fd, SESSION_VECTOR(buffer, nbytes), 1))
{
	struct iovec vector = {(void *)buffer, nbytes};

	uint32_t session = session_of(fd);
	if (session)
		return call_result(session_send(fd, session, &vector, 1, 0));
	if (!transfer_writes(fd)) {
		network_send(fd, &vector, 1);
		outside_send(fd, &vector, 1);
		return outside_sent(fd, &vector, 1, call_slept(genuine_write(fd, buffer, nbytes)));
	}
	return call_result(transfer_write(fd, &vector, 1, is_guarded()));
}

INTERPOSE(ssize_t, readv, (int fd, const struct iovec *vectors, int nvectors), (fd, vectors, nvectors),
	SESSION_RECEIVE_OBSERVED(genuine_readv(fd, vectors, nvectors), fd, vectors, nvectors, 0))
{
	int64_t served;

	if (nvectors > 0 && session_tls_serves(fd, vectors, nvectors, &served))
		return call_result(served);
	if (nvectors <= 0 || !transfer_reads(fd))
		return !is_awaited(fd) ? -1 : received(fd, vectors, nvectors, call_slept(genuine_readv(fd, vectors, nvectors)));
	return call_result(transfer_read(fd, vectors, nvectors, is_guarded()));
}

INTERPOSE(ssize_t, writev, (int fd, const struct iovec *vectors, int nvectors), (fd, vectors, nvectors),
	SESSION_SEND_OBSERVED(genuine_writev(fd, vectors, nvectors), fd, vectors, nvectors))
{
	uint32_t session = session_of(fd);

	if (session && nvectors > 0)
		return call_result(session_send(fd, session, vectors, nvectors, 0));
	if (nvectors <= 0 || !transfer_writes(fd)) {
		network_send(fd, vectors, nvectors);
		outside_send(fd, vectors, nvectors);
		return outside_sent(fd, vectors, nvectors, call_slept(genuine_writev(fd, vectors, nvectors)));
	}
	return call_result(transfer_write(fd, vectors, nvectors, is_guarded()));
}

/* With _FORTIFY_SOURCE; a read that does not fit is the genuine function's to complain about. */
extern ssize_t __read_chk(int fd, void *buffer, size_t nbytes, size_t room);

INTERPOSE(ssize_t, __read_chk, (int fd, void *buffer, size_t nbytes, size_t room), (fd, buffer, nbytes, room),
	SESSION_RECEIVE_OBSERVED(genuine___read_chk(fd, buffer, nbytes, room), fd, SESSION_VECTOR(buffer, nbytes), 1, 0))
{
	struct iovec vector = {buffer, nbytes};
	int64_t served;

	if (nbytes <= room && session_tls_serves(fd, &vector, 1, &served))
		return call_result(served);
	if (nbytes > room || !transfer_reads(fd))
		return received(fd, &vector, 1, call_slept(genuine___read_chk(fd, buffer, nbytes, room)));
	return call_result(transfer_read(fd, &vector, 1, is_guarded()));
}

INTERPOSE(int, eventfd_read, (int fd, eventfd_t *value), (fd, value))
{
	struct iovec vector = {value, sizeof *value};

	if (!transfer_reads(fd))
		return (int)call_slept(genuine_eventfd_read(fd, value));
	return call_result(transfer_read(fd, &vector, 1, is_guarded())) == sizeof *value ? 0 : -1;
}

INTERPOSE(int, eventfd_write, (int fd, eventfd_t value), (fd, value))
{
	struct iovec vector = {&value, sizeof value};

	if (!transfer_writes(fd))
		return (int)call_slept(genuine_eventfd_write(fd, value));
	return call_result(transfer_write(fd, &vector, 1, is_guarded())) == sizeof value ? 0 : -1;
}
