/* Sockets by address: who binds, listens, connects and accepts. What goes over them is in message.c and transfer.c. */
#include "call.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "await.h"
#include "channel.h"
#include "delay.h"
#include "idle.h"
#include "network.h"
#include "outside.h"
#include "rendezvous.h"
#include "session.h"
#include "session_observed.h"
#include "snapshot.h"
#include "sys.h"

static int finish(int result)
{
	int error = errno;

	point_apply();
	point_done(result < 0 ? -error : 0, 0);
	return result < 0 ? call_error(error) : 0;
}

static void announce(enum op op, uint32_t place)
{
	struct request request = call_request(op, place);

	point_announce(&request);
}

/*
 * An execution begins anew: connections of the last one that the kernel keeps for a while (TIME_WAIT) are none of it.
 * Somebody who listens there now is no less in the way than before.
 */
static int bind_anew(int fd, const struct sockaddr *address, socklen_t length, int (*genuine)(int,
	const struct sockaddr *, socklen_t))
{
	int before = 0, yes = 1, result = genuine(fd, address, length);
	socklen_t size = sizeof before;

	if (result == 0 || errno != EADDRINUSE || address->sa_family == AF_UNIX)
		return result;
	sys_call(SYS_getsockopt, fd, SOL_SOCKET, SO_REUSEADDR, (long)&before, (long)&size, 0);
	sys_call(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, (long)&yes, sizeof yes, 0);
	result = genuine(fd, address, length);
	int error = errno;
	sys_call(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, (long)&before, sizeof before, 0);
	errno = error;
	return result;
}

static int (*genuine_bind)(int, __CONST_SOCKADDR_ARG, socklen_t);

static int bind_plainly(int fd, const struct sockaddr *address, socklen_t length)
{
	return genuine_bind(fd, (__CONST_SOCKADDR_ARG){.__sockaddr__ = address}, length);
}

INTERPOSE_TABLE(bind, LIBC, NULL);
INTERPOSE_EXPORT int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t length);

int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
	struct guard guard __attribute__((cleanup(guard_leave))) = {0};

	if (!guard_enter(&guard, &entry_bind, __builtin_return_address(0)))
		return genuine_bind(fd, address, length);
	uint32_t place = rendezvous_of(fd, address.__sockaddr__, length);
	if (!place)
		return (int)call_slept(genuine_bind(fd, address, length));
	announce(OP_BIND, place);
	return finish(bind_anew(fd, address.__sockaddr__, length, bind_plainly));
}

INTERPOSE(int, listen, (int fd, int backlog), (fd, backlog), ({ observe_listens(); genuine_listen(fd, backlog); }))
{
	uint32_t place = rendezvous_local(fd);

	if (!place)
		return (int)call_slept(genuine_listen(fd, backlog));
	announce(OP_LISTEN, place);
	int result = genuine_listen(fd, backlog);
	int error = errno;
	if (result == 0)
		rendezvous_listen(fd, place);
	errno = error;
	return finish(result);
}

/* Beyond this machine. */
static int connected_elsewhere(int fd, const struct sockaddr *address, socklen_t length, int result)
{
	if (result == 0 || self.error == EINPROGRESS)
		outside_connect(fd, address, length);
	return result;
}

/* A connection within the machine is made at once, unless too many wait to be accepted: then it sleeps, as a lapse. */
INTERPOSE(int, connect, (int fd, __CONST_SOCKADDR_ARG address, socklen_t length), (fd, address, length),
	session_observed_connected(fd, address.__sockaddr__, genuine_connect(fd, address, length)))
{
	uint32_t place = rendezvous_of(fd, address.__sockaddr__, length);

	network_connect(fd, address.__sockaddr__, length);
	if (!place)
		return connected_elsewhere(fd, address.__sockaddr__, length, (int)call_slept(genuine_connect(fd, address, length)));
	announce(OP_CONNECT, place);
	bool again = rendezvous_has_peer(fd);
	int result = genuine_connect(fd, address, length);
	int error = errno;
	point_ensure();
	if (!again && (result == 0 || error == EINPROGRESS)) {
		network_connected(fd, address.__sockaddr__, length);
		rendezvous_connect(fd, place);
		delay_none(fd);
		session_connect(fd, address.__sockaddr__, length);
		outside_connect(fd, address.__sockaddr__, length);
	}
	errno = error;
	return finish(result);
}

struct acceptance {
	struct external external;
	int fd, flags;
	struct sockaddr *address;
	socklen_t *length;
	int accepted; /* descriptor, or a negative errno */
	bool never;
};

static bool is_ready(struct external *external)
{
	const struct acceptance *acceptance = (const struct acceptance *)external;

	return acceptance->never || channel_is_ready(acceptance->fd, POLLIN);
}

static bool attempt(struct external *external)
{
	struct acceptance *acceptance = (struct acceptance *)external;

	if (!is_ready(external))
		return false;
	snapshot_opened();
	if (acceptance->address && acceptance->length) {
		snapshot_touch(acceptance->length, sizeof *acceptance->length);
		snapshot_touch(acceptance->address, *acceptance->length);
	}
	acceptance->accepted = (int)sys_call(SYS_accept4, acceptance->fd, (long)acceptance->address,
		(long)acceptance->length, acceptance->flags, 0, 0);
	external->unchanged = acceptance->accepted < 0;
	external->result = acceptance->accepted < 0 ? acceptance->accepted : 0;
	if (acceptance->accepted >= 0) {
		channel_forget((unsigned int)acceptance->accepted, (unsigned int)acceptance->accepted);
		rendezvous_accept(acceptance->accepted, external->request.object);
		delay_none(acceptance->accepted);
	}
	return acceptance->accepted != -EAGAIN || acceptance->never;
}

static bool sleep_ready(struct external *external)
{
	struct pollfd query = {.fd = ((const struct acceptance *)external)->fd, .events = POLLIN};

	sys_call3(SYS_poll, (long)&query, 1, -1);
	return false;
}

static int take(int fd, struct sockaddr *address, socklen_t *length, int flags, uint32_t place)
{
	struct acceptance acceptance = {
		.external = {.is_ready = is_ready, .attempt = attempt, .sleep = sleep_ready},
		.fd = fd, .flags = flags, .address = address, .length = length, .never = await_never(fd),
	};

	acceptance.external.request = call_request(OP_ACCEPT, place);
	acceptance.external.request.flags |= REQUEST_OUTSIDE;
	await_patience(&acceptance.external.request, fd, SO_RCVTIMEO);
	int error = await_external(&acceptance.external, true);
	if (acceptance.never)
		idle_try(place, acceptance.accepted == -EAGAIN);
	if (error)
		return call_error(error == ETIMEDOUT ? EAGAIN : error);
	return acceptance.accepted < 0 ? call_error(-acceptance.accepted) : acceptance.accepted;
}

/* The place where this socket listens; 0: it does not, or nobody of ours made it. */
static uint32_t place_of(int fd)
{
	uint32_t place;

	if (channel_of(fd, &place) != CHANNEL_INSIDE || !(control->world.objects[place].flags & OBJECT_LISTENING))
		return 0;
	return place;
}

INTERPOSE(int, accept, (int fd, __SOCKADDR_ARG address, socklen_t *restrict length), (fd, address, length))
{
	uint32_t place = place_of(fd);

	if (!place)
		return (int)call_slept(genuine_accept(fd, address, length));
	return take(fd, address.__sockaddr__, length, 0, place);
}

INTERPOSE(int, accept4, (int fd, __SOCKADDR_ARG address, socklen_t *restrict length, int flags),
	(fd, address, length, flags))
{
	uint32_t place = place_of(fd);

	if (!place)
		return (int)call_slept(genuine_accept4(fd, address, length, flags));
	return take(fd, address.__sockaddr__, length, flags, place);
}
