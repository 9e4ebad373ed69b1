#include "rendezvous.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "channel.h"
#include "control.h"
#include "serving.h"
#include "shared/hash.h"
#include "sys.h"

/* What a key speaks of, in place of a device. */
enum { PLACE = 1, CALLER = 2, CALLERS = 3 };

/* In object.count of a place: connections made to it by path or name, and how many of them were accepted. */
enum { CONNECTED = 1, ACCEPTED = 1 << 16, COUNT_MASK = 0xffff };

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t length = sizeof type;

	return sys_call(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&length, 0) == 0 &&
		(type == SOCK_STREAM || type == SOCK_SEQPACKET);
}

static uint64_t path_key(const char *path, size_t length)
{
	char folder[512];
	uint64_t hash = HASH_START;

	if (length > 0 && path[0] != '/' && path[0] != '\0' &&
		sys_call3(SYS_getcwd, (long)folder, sizeof folder, 0) > 0) {
		hash = hash_bytes(hash, folder, strlen(folder));
		hash = hash_bytes(hash, "/", 1);
	}
	return hash_bytes(hash, path, length);
}

static uint64_t local_key(const struct sockaddr_un *address, socklen_t length)
{
	size_t size = length - offsetof(struct sockaddr_un, sun_path);

	if (length <= offsetof(struct sockaddr_un, sun_path))
		return 0; /* not named */
	if (size > sizeof address->sun_path)
		size = sizeof address->sun_path;
	for (size_t i = 1; address->sun_path[0] != '\0' && i < size; i++)
		if (address->sun_path[i] == '\0')
			size = i;
	return channel_key(PLACE, path_key(address->sun_path, size));
}

static bool is_here(const struct in6_addr *address)
{
	if (IN6_IS_ADDR_V4MAPPED(address))
		return address->s6_addr[12] == 127;
	return IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address);
}

/* The port in network order, where the address is of the loopback interface or of any; 0: it is not. */
static uint16_t port_of(const struct sockaddr *address, socklen_t length)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	if (length >= sizeof *four && address->sa_family == AF_INET) {
		uint32_t host = ntohl(four->sin_addr.s_addr);
		return host >> 24 == 127 || host == INADDR_ANY ? four->sin_port : 0;
	}
	if (length >= sizeof *six && address->sa_family == AF_INET6)
		return is_here(&six->sin6_addr) ? six->sin6_port : 0;
	return 0;
}

static uint64_t key_of(const struct sockaddr *address, socklen_t length)
{
	if (!address || length < sizeof address->sa_family)
		return 0;
	if (address->sa_family == AF_UNIX)
		return local_key((const struct sockaddr_un *)address, length);
	uint16_t port = port_of(address, length);
	return port ? channel_key(PLACE, port) : 0;
}

uint32_t rendezvous_of(int fd, const struct sockaddr *address, socklen_t length)
{
	uint64_t key = is_stream(fd) ? key_of(address, length) : 0;

	return key ? channel_by_key(key, true) : 0;
}

/* One end's address, as getsockname or getpeername tell it. */
static socklen_t ask(int fd, long call, struct sockaddr_storage *address)
{
	socklen_t length = sizeof *address;

	memset(address, 0, sizeof *address);
	return sys_call3(call, fd, (long)address, (long)&length) == 0 ? length : 0;
}

uint32_t rendezvous_local(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = ask(fd, SYS_getsockname, &address);

	return rendezvous_of(fd, (const struct sockaddr *)&address, length);
}

void rendezvous_listen(int fd, uint32_t place)
{
	control->world.objects[place].flags |= OBJECT_OUTSIDE | OBJECT_LISTENING;
	channel_join(fd, place);
}

bool rendezvous_has_peer(int fd)
{
	struct sockaddr_storage address;

	return ask(fd, SYS_getpeername, &address) > 0;
}

/* Callers by the net have a port each; those by path are accepted in the order in which they came. */
static uint64_t caller_key(const struct sockaddr_storage *address, socklen_t length, uint32_t place, uint32_t number)
{
	if (address->ss_family == AF_UNIX)
		return channel_key(CALLERS, (uint64_t)place << 32 | number);
	return channel_key(CALLER, port_of((const struct sockaddr *)address, length));
}

void rendezvous_connect(int fd, uint32_t place)
{
	struct object *object = &control->world.objects[place];
	struct sockaddr_storage address;
	socklen_t length = ask(fd, SYS_getsockname, &address);

	if (!(object->flags & OBJECT_LISTENING) || length == 0)
		return;
	uint32_t channel = channel_new(fd);
	channel_alias(caller_key(&address, length, place, object->count & COUNT_MASK), channel);
	serving_connect(channel);
	if (address.ss_family == AF_UNIX)
		object->count = (object->count & ~(uint32_t)COUNT_MASK) | ((object->count + CONNECTED) & COUNT_MASK);
}

/* By path anybody may have connected; the kernel knows who. */
static bool is_caller_ours(int fd)
{
	const struct world *world = &control->world;
	struct ucred peer;
	socklen_t length = sizeof peer;

	if (sys_call(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, (long)&peer, (long)&length, 0) < 0)
		return false;
	for (uint32_t i = 1; i <= world->nprocesses; i++)
		if (world->processes[i].pid == peer.pid)
			return true;
	return false;
}

bool rendezvous_accept(int fd, uint32_t place)
{
	struct object *object = &control->world.objects[place];
	struct sockaddr_storage address;
	socklen_t length = ask(fd, SYS_getpeername, &address);

	if (length == 0 || (address.ss_family == AF_UNIX && !is_caller_ours(fd)))
		return false;
	uint32_t channel = channel_by_key(caller_key(&address, length, place, object->count >> 16), false);
	if (address.ss_family == AF_UNIX)
		object->count += ACCEPTED;
	if (!channel)
		return false;
	channel_join(fd, channel);
	serving_accept(fd, channel);
	return true;
}
