#include "network.h"

#include "call.h"

#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "rendezvous.h"
#include "session.h"
#include "sys.h"

enum { TEXT_BYTES = 256 };

static bool has_rule(enum network_rule rule)
{
	return control->network.rules & rule;
}

static char *put_number(char *at, uint32_t number, uint32_t base)
{
	char digits[12];
	size_t ndigits = 0;

	do
		digits[ndigits++] = "0123456789abcdef"[number % base];
	while ((number /= base) != 0);
	while (ndigits > 0)
		*at++ = digits[--ndigits];
	return at;
}

static char *put_four(char *at, const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = put_number(at, bytes[i], 10);
	}
	return at;
}

static char *put_six(char *at, const uint8_t *bytes)
{
	*at++ = '[';
	for (int i = 0; i < 16; i += 2) {
		if (i > 0)
			*at++ = ':';
		at = put_number(at, (uint32_t)bytes[i] << 8 | bytes[i + 1], 16);
	}
	*at++ = ']';
	return at;
}

/* The address without its port; mapped ones as those of version 4. False: of another family, or not whole. */
static bool address_of(const struct sockaddr *address, socklen_t length, struct network_address *out, uint16_t *port)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	*out = (struct network_address){0};
	if (length >= sizeof *four && address->sa_family == AF_INET) {
		out->family = AF_INET;
		memcpy(out->bytes, &four->sin_addr, 4);
		*port = ntohs(four->sin_port);
		return true;
	}
	if (length < sizeof *six || address->sa_family != AF_INET6)
		return false;
	bool mapped = IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);
	out->family = mapped ? AF_INET : AF_INET6;
	memcpy(out->bytes, six->sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
	*port = ntohs(six->sin6_port);
	return true;
}

/* How people write it: an address and a port, or a path. */
static void describe(const struct sockaddr *address, socklen_t length, char *text)
{
	const struct sockaddr_un *path = (const struct sockaddr_un *)address;
	struct network_address plain;
	uint16_t port;

	if (address_of(address, length, &plain, &port)) {
		text = plain.family == AF_INET ? put_four(text, plain.bytes) : put_six(text, plain.bytes);
		*text++ = ':';
		*put_number(text, port, 10) = '\0';
		return;
	}
	size_t nbytes = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path) : 0;
	if (nbytes > sizeof path->sun_path)
		nbytes = sizeof path->sun_path;
	memcpy(text, path->sun_path, nbytes);
	text[nbytes] = '\0';
	if (nbytes > 0 && text[0] == '\0')
		text[0] = '@'; /* an abstract name */
}

static _Noreturn void refuse(enum obstacle_kind kind, const struct sockaddr *address, socklen_t length,
	enum database_server server)
{
	char text[TEXT_BYTES];

	describe(address, length, text);
	control_refuse(kind, text, -(long)server);
	__builtin_unreachable();
}

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t length = sizeof type;

	return sys_call(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&length, 0) == 0 && type == SOCK_STREAM;
}

static bool is_allowed(const struct network_address *address)
{
	for (uint32_t i = 0; i < control->network.naddresses; i++)
		if (memcmp(&control->network.addresses[i], address, sizeof *address) == 0)
			return true;
	return false;
}

/* Would packets go there from that very address? Then it is this machine's own. A datagram's connect sends nothing. */
static bool is_this_machine(const struct sockaddr *address, socklen_t length)
{
	struct sockaddr_storage own = {0};
	socklen_t nown = sizeof own;
	struct network_address there, here;
	uint16_t port;
	long fd = sys_call3(SYS_socket, address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	bool asked = sys_call3(SYS_connect, fd, (long)address, length) == 0 &&
		sys_call3(SYS_getsockname, fd, (long)&own, (long)&nown) == 0;
	sys_close((int)fd);
	return asked && address_of(address, length, &there, &port) &&
		address_of((const struct sockaddr *)&own, nown, &here, &port) && memcmp(&there, &here, sizeof there) == 0;
}

_Noreturn void network_refuse_database(const struct sockaddr *address, socklen_t length, const char *database,
	enum database_server server)
{
	char text[TEXT_BYTES];

	describe(address, length, text);
	size_t n = strlen(text);
	for (const char *from = ", database "; *from; from++)
		text[n++] = *from;
	for (; *database && n < sizeof text - 1; database++)
		text[n++] = *database;
	text[n] = '\0';
	control_refuse(OBSTACLE_DATABASE, text, -(long)server);
	__builtin_unreachable();
}

void network_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct network_address plain;
	uint16_t port;

	if (!has_rule(NETWORK_GUARDED) || !address || length < sizeof address->sa_family)
		return;
	if (!address_of(address, length, &plain, &port) || !is_stream(fd) || rendezvous_of(fd, address, length) ||
		is_allowed(&plain) || session_has_peer(address, length) || is_this_machine(address, length))
		return;
	refuse(OBSTACLE_NETWORK, address, length, DATABASE_SERVER_NONE);
}

/* Somebody of ours listens there: it is no server from outside. */
static bool is_ours(int fd, const struct sockaddr *address, socklen_t length)
{
	uint32_t place = rendezvous_of(fd, address, length);

	return place && (control->world.objects[place].flags & OBJECT_LISTENING);
}

/* Within the machine it is known at once that nobody listens. A server that has hung up already was there. */
static bool is_turned_away(int fd)
{
	struct pollfd query = {.fd = fd, .events = POLLOUT};

	return sys_call3(SYS_poll, (long)&query, 1, 0) > 0 && (query.revents & POLLERR);
}

bool network_watches_databases(void)
{
	return has_rule(NETWORK_GUARDED) && !has_rule(NETWORK_DATABASES);
}

void network_connected(int fd, const struct sockaddr *address, socklen_t length)
{
	struct network_address plain;
	char text[TEXT_BYTES];
	uint16_t port = 0;

	if (!network_watches_databases() || !address || length < sizeof address->sa_family)
		return;
	bool inet = address_of(address, length, &plain, &port);
	if ((!inet && address->sa_family != AF_UNIX) || !is_stream(fd) || is_ours(fd, address, length) ||
		session_has_peer(address, length) || is_turned_away(fd))
		return;
	describe(address, length, text);
	enum database_server server = network_server_at(port, inet ? NULL : text);
	if (server != DATABASE_SERVER_NONE)
		refuse(OBSTACLE_DATABASE, address, length, server);
}

void network_send(int fd, const struct iovec *vectors, int nvectors)
{
	struct sockaddr_storage peer = {0};
	socklen_t length = sizeof peer;

	if (!network_watches_databases() || nvectors != 1 || vectors[0].iov_len > UINT32_MAX)
		return;
	enum database_server server = network_server_of(vectors[0].iov_base, (uint32_t)vectors[0].iov_len);
	if (server == DATABASE_SERVER_NONE || sys_call3(SYS_getpeername, fd, (long)&peer, (long)&length) < 0)
		return;
	const struct sockaddr *address = (const struct sockaddr *)&peer;
	if (!is_stream(fd) || is_ours(fd, address, length) || session_has_peer(address, length))
		return;
	refuse(OBSTACLE_DATABASE, address, length, server);
}
