/* send and recv on sockets between tasks; those that lead elsewhere are left to the genuine functions. */
#include "call.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "await.h"
#include "channel.h"
#include "idle.h"
#include "network.h"
#include "outside.h"
#include "serving.h"
#include "session.h"
#include "session_message.h"
#include "session_observed.h"
#include "session_tls.h"
#include "snapshot.h"
#include "sys.h"
#include "transfer.h"

struct message {
	struct external external;
	int fd, flags;
	struct msghdr *header;
	bool never, sends;
};

static bool is_inside(int fd)
{
	uint32_t object;

	return channel_of(fd, &object) == CHANNEL_INSIDE;
}

static size_t length_of(const struct msghdr *header)
{
	size_t nbytes = 0;

	for (size_t i = 0; i < header->msg_iovlen; i++)
		nbytes += header->msg_iov[i].iov_len;
	return nbytes;
}

/* Is all there that it wants to look at, or all that will ever be? */
static bool may_peek(const struct message *message)
{
	int nbytes = 0;

	if (channel_is_ready(message->fd, POLLRDHUP))
		return true;
	return sys_call3(SYS_ioctl, message->fd, FIONREAD, (long)&nbytes) < 0 || (size_t)nbytes >= length_of(message->header);
}

static bool is_ready(struct external *external)
{
	const struct message *message = (const struct message *)external;

	if (message->never)
		return true;
	if (!channel_is_ready(message->fd, message->sends ? POLLOUT : POLLIN))
		return false;
	return (message->flags & (MSG_PEEK | MSG_WAITALL)) != (MSG_PEEK | MSG_WAITALL) || may_peek(message);
}

/* What was read or written belongs to a conversation, unless it was only looked at. */
static void note(const struct message *message, int64_t result)
{
	uint32_t object = message->external.request.object;

	if (message->flags & MSG_PEEK)
		return;
	if (!message->sends)
		serving_read(message->fd, object, result);
	else if (result > 0)
		serving_wrote(message->fd, object, message->header->msg_iov, 0, (size_t)result);
}

/* The kernel must not find that it can't write what it has taken out already. */
static void let_write(const struct msghdr *header)
{
	snapshot_touch(header, sizeof *header);
	snapshot_touch(header->msg_name, header->msg_namelen);
	snapshot_touch(header->msg_control, header->msg_controllen);
	for (size_t i = 0; i < header->msg_iovlen; i++)
		snapshot_touch(header->msg_iov[i].iov_base, header->msg_iov[i].iov_len);
}

/* As recvmsg, up to the end of a request; who wants to look at all gets it. */
static long take_message(const struct message *message, int flags)
{
	struct msghdr header = *message->header;
	const struct iovec *vectors = header.msg_iov;
	struct iovec piece;

	if ((message->flags & (MSG_PEEK | MSG_WAITALL)) != (MSG_PEEK | MSG_WAITALL))
		header.msg_iovlen = (size_t)serving_fit(message->fd, &vectors, (int)header.msg_iovlen, &piece);
	header.msg_iov = (struct iovec *)vectors;
	long result = sys_call3(SYS_recvmsg, message->fd, (long)&header, flags);
	message->header->msg_namelen = header.msg_namelen;
	message->header->msg_controllen = header.msg_controllen;
	message->header->msg_flags = header.msg_flags;
	return result;
}

static bool attempt(struct external *external)
{
	struct message *message = (struct message *)external;
	int flags = (message->flags & ~MSG_WAITALL) | MSG_DONTWAIT; /* who waits for all does so here */

	if (!is_ready(external))
		return false;
	if (!message->sends && serving_is_held(message->fd)) {
		external->result = -EAGAIN;
		return message->never;
	}
	if (!message->sends) {
		let_write(message->header);
		snapshot_opened(); /* descriptors may come with it */
	}
	external->result = message->sends ? sys_call3(SYS_sendmsg, message->fd, (long)message->header, flags) :
		take_message(message, flags);
	external->unchanged = external->result <= 0;
	note(message, external->result);
	return external->result != -EAGAIN || message->never;
}

static bool sleep_ready(struct external *external)
{
	const struct message *message = (const struct message *)external;
	struct pollfd query = {.fd = message->fd, .events = message->sends ? POLLOUT : POLLIN};

	sys_call3(SYS_poll, (long)&query, 1, -1);
	return false;
}

static ssize_t exchange(int fd, struct msghdr *header, int flags, bool sends)
{
	uint32_t object;
	struct message message = {
		.external = {.is_ready = is_ready, .attempt = attempt, .sleep = sleep_ready},
		.fd = fd, .flags = flags, .header = header, .sends = sends,
		.never = (flags & MSG_DONTWAIT) || await_never(fd),
	};

	channel_of(fd, &object);
	message.external.request = call_request(sends ? OP_PIPE_WRITE : OP_PIPE_READ, object);
	await_patience(&message.external.request, fd, sends ? SO_SNDTIMEO : SO_RCVTIMEO);
	int error = await_external(&message.external, true);
	if (error == ETIMEDOUT)
		error = EAGAIN;
	if (message.never)
		idle_try(object, message.external.result == -EAGAIN);
	return call_result(error ? -error : message.external.result);
}

/* On streams: elsewhere a message is all there is. Who takes only what is there waits for nothing. */
static bool waits_for_all(int fd, const struct msghdr *header, int flags)
{
	int type = 0;
	socklen_t length = sizeof type;

	if ((flags & (MSG_WAITALL | MSG_PEEK | MSG_DONTWAIT)) != MSG_WAITALL || header->msg_controllen > 0)
		return false;
	sys_call(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&length, 0);
	return type == SOCK_STREAM && !await_never(fd);
}

/* As much as there is at a time; what was taken counts when something comes in between. */
static ssize_t take(int fd, struct msghdr *header, int flags)
{
	size_t total = 0, done = 0, i = 0;

	if (!waits_for_all(fd, header, flags) || length_of(header) == 0)
		return exchange(fd, header, flags, false);
	while (i < header->msg_iovlen) {
		struct iovec rest = {(char *)header->msg_iov[i].iov_base + done, header->msg_iov[i].iov_len - done};
		struct msghdr piece = {.msg_iov = &rest, .msg_iovlen = 1};
		ssize_t nbytes = rest.iov_len > 0 ? exchange(fd, &piece, flags & ~MSG_WAITALL, false) : 0;
		if (nbytes <= 0 && rest.iov_len > 0)
			return total > 0 ? (ssize_t)total : nbytes;
		total += (size_t)nbytes;
		done += (size_t)nbytes;
		if (done == header->msg_iov[i].iov_len) {
			done = 0;
			i++;
		}
	}
	header->msg_namelen = 0;
	header->msg_flags = 0;
	return (ssize_t)total;
}

static ssize_t receive(int fd, void *buffer, size_t nbytes, int flags, struct sockaddr *address, socklen_t *length)
{
	struct iovec vector = {buffer, nbytes};
	struct msghdr header = {.msg_name = address, .msg_namelen = length ? *length : 0, .msg_iov = &vector,
		.msg_iovlen = 1};
	ssize_t result = take(fd, &header, flags);

	if (result >= 0 && address && length)
		*length = header.msg_namelen;
	return result;
}

/* Messages of a server that a genuine call would wait for are waited for here. */
static bool is_awaited(int fd, int flags)
{
	int error = flags & MSG_DONTWAIT ? 0 : session_message_await(fd);

	return error == 0 || call_error(error) == 0;
}

/* What a session has received, unless it only looked. */
static ssize_t received(int fd, const void *buffer, int flags, ssize_t nbytes)
{
	uint32_t session = nbytes > 0 && !(flags & MSG_PEEK) ? session_of(fd) : 0;

	if (session)
		session_received(fd, session, buffer, (size_t)nbytes);
	return nbytes;
}

INTERPOSE(ssize_t, recv, (int fd, void *buffer, size_t nbytes, int flags), (fd, buffer, nbytes, flags),
	SESSION_RECEIVE_OBSERVED(genuine_recv(fd, buffer, nbytes, flags), fd, SESSION_VECTOR(buffer, nbytes), 1, flags))
{
	struct iovec vector = {buffer, nbytes};
	int64_t served;

	if (session_tls_serves(fd, &vector, 1, &served))
		return call_result(served);
	if (!is_inside(fd))
		return !is_awaited(fd, flags) ? -1 : received(fd, buffer, flags, call_slept(genuine_recv(fd, buffer, nbytes, flags)));
	return receive(fd, buffer, nbytes, flags, NULL, NULL);
}

extern ssize_t __recv_chk(int fd, void *buffer, size_t nbytes, size_t room, int flags);

INTERPOSE(ssize_t, __recv_chk, (int fd, void *buffer, size_t nbytes, size_t room, int flags),
	(fd, buffer, nbytes, room, flags),
	SESSION_RECEIVE_OBSERVED(genuine___recv_chk(fd, buffer, nbytes, room, flags), fd, SESSION_VECTOR(buffer, nbytes), 1, flags))
{
	struct iovec vector = {buffer, nbytes};
	int64_t served;

	if (nbytes <= room && session_tls_serves(fd, &vector, 1, &served))
		return call_result(served);
	if (nbytes > room || !is_inside(fd))
		return !is_awaited(fd, flags) ? -1 : received(fd, buffer, flags, call_slept(genuine___recv_chk(fd, buffer, nbytes, room, flags)));
	return receive(fd, buffer, nbytes, flags, NULL, NULL);
}

INTERPOSE(ssize_t, recvfrom,
	(int fd, void *restrict buffer, size_t nbytes, int flags, __SOCKADDR_ARG address, socklen_t *restrict length),
	(fd, buffer, nbytes, flags, address, length),
	SESSION_RECEIVE_OBSERVED(genuine_recvfrom(fd, buffer, nbytes, flags, address, length), fd, SESSION_VECTOR(buffer, nbytes), 1,
		flags))
{
	struct iovec vector = {buffer, nbytes};
	int64_t served;

	if (session_tls_serves(fd, &vector, 1, &served))
		return call_result(served);
	if (!is_inside(fd))
		return !is_awaited(fd, flags) ? -1 : received(fd, buffer, flags,
			call_slept(genuine_recvfrom(fd, buffer, nbytes, flags, address, length)));
	return receive(fd, buffer, nbytes, flags, address.__sockaddr__, length);
}

INTERPOSE(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags),
	SESSION_RECEIVE_OBSERVED(genuine_recvmsg(fd, message, flags), fd, message->msg_iov, (int)message->msg_iovlen, flags))
{
	int64_t served;

	if (session_tls_serves(fd, message->msg_iov, (int)message->msg_iovlen, &served))
		return call_result(served);
	if (!is_inside(fd)) {
		ssize_t nbytes = !is_awaited(fd, flags) ? -1 : call_slept(genuine_recvmsg(fd, message, flags));
		uint32_t session = nbytes > 0 && !(flags & MSG_PEEK) ? session_of(fd) : 0;
		if (session)
			session_received_all(fd, session, message->msg_iov, (int)message->msg_iovlen, (size_t)nbytes);
		return nbytes;
	}
	return take(fd, message, flags);
}

INTERPOSE(ssize_t, send, (int fd, const void *buffer, size_t nbytes, int flags), (fd, buffer, nbytes, flags),
	SESSION_SEND_OBSERVED(genuine_send(fd, buffer, nbytes, flags), fd, SESSION_VECTOR(buffer, nbytes), 1))
{
	struct iovec vector = {(void *)buffer, nbytes};
	uint32_t session = session_of(fd);

	if (session)
		return call_result(session_send(fd, session, &vector, 1, flags));
	if (!is_inside(fd)) {
		network_send(fd, &vector, 1);
		outside_send(fd, &vector, 1);
		return outside_sent(fd, &vector, 1, call_slept(genuine_send(fd, buffer, nbytes, flags)));
	}
	return call_result(transfer_send(fd, &vector, 1, flags));
}

INTERPOSE(ssize_t, sendto,
	(int fd, const void *buffer, size_t nbytes, int flags, __CONST_SOCKADDR_ARG address, socklen_t length),
	(fd, buffer, nbytes, flags, address, length),
	SESSION_SEND_OBSERVED(genuine_sendto(fd, buffer, nbytes, flags, address, length), fd, SESSION_VECTOR(buffer, nbytes), 1))
{
	struct iovec vector = {(void *)buffer, nbytes};
	uint32_t session = session_of(fd);

	if (session)
		return call_result(session_send(fd, session, &vector, 1, flags));
	if (!is_inside(fd) || length > 0) {
		network_send(fd, &vector, 1);
		outside_send(fd, &vector, 1);
		return outside_sent(fd, &vector, 1, call_slept(genuine_sendto(fd, buffer, nbytes, flags, address, length)));
	}
	return call_result(transfer_send(fd, &vector, 1, flags));
}

INTERPOSE(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
	SESSION_SEND_OBSERVED(genuine_sendmsg(fd, message, flags), fd, message->msg_iov, (int)message->msg_iovlen))
{
	uint32_t session = session_of(fd);

	if (session && message->msg_controllen == 0)
		return call_result(session_send(fd, session, message->msg_iov, (int)message->msg_iovlen, flags));
	if (!is_inside(fd)) {
		network_send(fd, message->msg_iov, (int)message->msg_iovlen);
		outside_send(fd, message->msg_iov, (int)message->msg_iovlen);
		return outside_sent(fd, message->msg_iov, (int)message->msg_iovlen, call_slept(genuine_sendmsg(fd, message, flags)));
	}
	if (message->msg_controllen == 0 && message->msg_namelen == 0)
		return call_result(transfer_send(fd, message->msg_iov, (int)message->msg_iovlen, flags));
	return exchange(fd, (struct msghdr *)message, flags, true);
}

INTERPOSE(int, shutdown, (int fd, int how), (fd, how))
{
	uint32_t object;

	if (channel_of(fd, &object) != CHANNEL_INSIDE)
		return (int)call_slept(genuine_shutdown(fd, how));
	struct request request = call_request(OP_PIPE_CLOSE, object);
	point_announce(&request);
	if (how != SHUT_RD)
		serving_close(fd, object);
	int result = genuine_shutdown(fd, how);
	int error = errno;
	point_apply();
	point_done(result < 0 ? -error : 0, 0);
	return result < 0 ? call_error(error) : 0;
}
