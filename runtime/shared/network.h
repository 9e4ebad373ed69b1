/*
 * What controlled tasks may connect to. Executions are repeated hundreds of times, so nothing outside may notice them:
 * beyond this machine only what race was told to allow (--allow-net), and database servers only where their state is put
 * back (--db). race fills it in before the start; the target reads it.
 *
 * Streams only: datagrams (look-ups of names among them) are not looked at.
 */
#ifndef RACE_SHARED_NETWORK_H
#define RACE_SHARED_NETWORK_H

#include <stdint.h>

enum { NETWORK_ADDRESSES = 64, NETWORK_ADDRESS_BYTES = 16 };

enum network_rule {
	NETWORK_GUARDED = 1,   /* connections to elsewhere end the campaign */
	NETWORK_DATABASES = 2, /* --db none: database servers that nobody named are the command's own business */
};

struct network_address {
	uint16_t family; /* AF_INET or AF_INET6 */
	uint16_t reserved;
	uint8_t bytes[NETWORK_ADDRESS_BYTES];
};

struct network {
	uint32_t rules; /* bit set of enum network_rule */
	uint32_t naddresses;
	struct network_address addresses[NETWORK_ADDRESSES];
};

/* Database servers that are recognised. X(identifier, name, port, part of a socket's path, how --db names it) */
#define DATABASE_SERVERS(X) \
	X(NONE, "", 0, "", "") \
	X(POSTGRES, "PostgreSQL", 5432, "/.s.PGSQL.", "postgresql:///NAME?host=FOLDER&user=USER") \
	X(MYSQL, "MySQL or MariaDB", 3306, "mysql", "mysql:///NAME?socket=FILE&user=USER") \
	X(REDIS, "Redis", 6379, "redis", "redis:///0?socket=FILE")

enum database_server {
#define X(identifier, name, port, path, url) DATABASE_SERVER_##identifier,
	DATABASE_SERVERS(X)
#undef X
	DATABASE_SERVER_COUNT
};

/* The server that usually answers at this port (host order) or path; NULL for either: not asked. */
enum database_server network_server_at(uint16_t port, const char *path);

/* The server whose protocol a client begins like this: its first message, whole. */
enum database_server network_server_of(const uint8_t *bytes, uint32_t nbytes);

#endif
