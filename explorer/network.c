#include "network.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "servers.h"

static bool is_known(const struct network *network, const struct network_address *address)
{
	for (uint32_t i = 0; i < network->naddresses; i++)
		if (memcmp(&network->addresses[i], address, sizeof *address) == 0)
			return true;
	return false;
}

/* False: the table is full. */
static bool add(struct network *network, const struct sockaddr *from)
{
	struct network_address address = {.family = from->sa_family};

	if (from->sa_family == AF_INET)
		memcpy(address.bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
	else if (from->sa_family == AF_INET6)
		memcpy(address.bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	else
		return true;
	if (is_known(network, &address))
		return true;
	if (network->naddresses == NETWORK_ADDRESSES)
		return false;
	network->addresses[network->naddresses++] = address;
	return true;
}

static int add_host(struct network *network, const char *host, char *reason, size_t reason_bytes)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	int error = getaddrinfo(host, NULL, &hints, &found), result = 0;

	if (error) {
		snprintf(reason, reason_bytes, "--allow-net: %.200s: %s", host, gai_strerror(error));
		return -1;
	}
	for (const struct addrinfo *at = found; at && result == 0; at = at->ai_next)
		if (!add(network, at->ai_addr)) {
			snprintf(reason, reason_bytes, "--allow-net: %.200s: more than %d addresses are too many", host,
				NETWORK_ADDRESSES);
			result = -1;
		}
	freeaddrinfo(found);
	return result;
}

int network_open(const struct network_options *options, const char *const *urls, struct control *control, char *reason,
	size_t reason_bytes, int *exit_code)
{
	struct network *network = &control->network;

	*network = (struct network){.rules = options->guarded ? NETWORK_GUARDED : 0};
	for (; urls && *urls; urls++)
		if (servers_is_none(*urls))
			network->rules |= NETWORK_DATABASES;
	for (const char *const *host = options->hosts; host && *host; host++)
		if (add_host(network, *host, reason, reason_bytes) < 0) {
			*exit_code = EXIT_USAGE;
			return -1;
		}
	return 0;
}
