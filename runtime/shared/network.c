#include "network.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
	PG_PROTOCOL_3 = 3 << 16,
	PG_SSL = 80877103,
	PG_GSS = 80877104,
	MYSQL_FIXED = 32,   /* bytes of a handshake response before the user's name, as of an SSLRequest */
	MYSQL_FILLER_AT = 4 + 9,
	MYSQL_FILLER = 19,  /* zeroes; the last four of 23 are capabilities of MariaDB */
};

enum database_server network_server_at(uint16_t port, const char *path)
{
	static const struct {
		uint16_t port;
		const char *path;
	} servers[] = {
#define X(identifier, name, port, path, url) {port, path},
		DATABASE_SERVERS(X)
#undef X
	};

	for (unsigned int i = 1; i < DATABASE_SERVER_COUNT; i++)
		if ((port != 0 && servers[i].port == port) || (path != NULL && strstr(path, servers[i].path) != NULL))
			return (enum database_server)i;
	return DATABASE_SERVER_NONE;
}

static uint32_t big(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Length of all, then a protocol or the code of a request. */
static bool is_postgres(const uint8_t *bytes, uint32_t nbytes)
{
	if (nbytes < 8 || big(bytes) != nbytes)
		return false;
	uint32_t code = big(bytes + 4);
	return code == PG_PROTOCOL_3 || ((code == PG_SSL || code == PG_GSS) && nbytes == 8);
}

/* Answers the server's handshake: length of the rest, number 1, capabilities, largest packet, character set, zeroes. */
static bool is_mysql(const uint8_t *bytes, uint32_t nbytes)
{
	if (nbytes < 4 + MYSQL_FIXED || bytes[3] != 1 ||
		((uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0]) != nbytes - 4)
		return false;
	for (unsigned int i = 0; i < MYSQL_FILLER; i++)
		if (bytes[MYSQL_FILLER_AT + i] != 0)
			return false;
	return true;
}

static const uint8_t *digits(const uint8_t *at, const uint8_t *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* An array of strings: "*2\r\n$3\r\nGET\r\n..." */
static bool is_redis(const uint8_t *bytes, uint32_t nbytes)
{
	const uint8_t *end = bytes + nbytes, *at = bytes;

	if (nbytes < 9 || *at != '*')
		return false;
	at = digits(at + 1, end);
	if (at == bytes + 1 || end - at < 4 || at[0] != '\r' || at[1] != '\n' || at[2] != '$')
		return false;
	const uint8_t *length = at + 3;
	at = digits(length, end);
	return at > length && end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

enum database_server network_server_of(const uint8_t *bytes, uint32_t nbytes)
{
	if (is_postgres(bytes, nbytes))
		return DATABASE_SERVER_POSTGRES;
	if (is_mysql(bytes, nbytes))
		return DATABASE_SERVER_MYSQL;
	return is_redis(bytes, nbytes) ? DATABASE_SERVER_REDIS : DATABASE_SERVER_NONE;
}
