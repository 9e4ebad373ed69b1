#include "wire.h"

static uint32_t big(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

enum wire_protocol wire_protocol_of_port(uint16_t port)
{
	switch (port) {
	case 5432: return WIRE_POSTGRES;
	case 3306: return WIRE_MYSQL;
	case 6379: return WIRE_RESP;
	default: return 0;
	}
}

/* A start-up packet: its length, then 3.0 or one of the requests whose "major version" is 1234. */
static bool is_postgres(const uint8_t *at, size_t nbytes)
{
	uint32_t length = nbytes >= 8 ? big(at) : 0;

	return length >= 8 && length <= 10000 && (big(at + 4) >> 16 == 3 || big(at + 4) >> 16 == 1234);
}

enum wire_protocol wire_protocol_of_client(const void *bytes, size_t nbytes)
{
	const uint8_t *at = bytes;

	if (nbytes >= 2 && at[0] == '*' && at[1] >= '1' && at[1] <= '9')
		return WIRE_RESP;
	return is_postgres(at, nbytes) ? WIRE_POSTGRES : 0;
}

enum wire_protocol wire_protocol_of_server(const void *bytes, size_t nbytes)
{
	const uint8_t *at = bytes;

	/* A handshake of version 10 is packet 0, and shorter than 64 KB. */
	return nbytes >= 5 && at[2] == 0 && at[3] == 0 && at[4] == 10 ? WIRE_MYSQL : 0;
}
