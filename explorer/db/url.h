/*
 * URLs of database servers, as --db and clients write them:
 *
 *     SCHEME://[USER[:PASSWORD]@][HOST[:PORT]]/DATABASE[?socket=FILE][&user=USER][&password=PASSWORD]
 *
 * with %XX for any byte (RFC 3986). PostgreSQL's own library reads its URLs itself.
 */
#ifndef RACE_EXPLORER_DB_URL_H
#define RACE_EXPLORER_DB_URL_H

#include <stdbool.h>
#include <stdint.h>

enum { URL_PART_BYTES = 256 };

/* Parts that are not given are empty, and the port 0. */
struct url {
	char host[URL_PART_BYTES], socket[URL_PART_BYTES], user[URL_PART_BYTES], password[URL_PART_BYTES];
	char database[URL_PART_BYTES];
	uint16_t port;
};

/* False: it can't be read; `wrong` says what is wrong, in words that follow "the URL ". */
bool url_read(struct url *url, const char *text, const char **wrong);

#endif
