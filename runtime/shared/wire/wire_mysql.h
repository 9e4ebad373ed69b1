/*
 * MySQL's protocol with the 4.1 extensions, as MariaDB and MySQL speak it.
 * https://mariadb.com/kb/en/clientserver-protocol/
 * https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
 *
 * Which packets a reply consists of depends on the command, so the queue knows each command's kind. Types of parameters
 * that a client has sent with an earlier execution and does not repeat are not remembered: such parameters are not
 * shown, but hashed.
 */
#ifndef RACE_SHARED_WIRE_MYSQL_H
#define RACE_SHARED_WIRE_MYSQL_H

#include "wire_decoder.h"

enum wire_mysql_capability {
	WIRE_MYSQL_IS_MYSQL = 1, /* not set: MariaDB, with extended capabilities */
	WIRE_MYSQL_WITH_DATABASE = 8,
	WIRE_MYSQL_COMPRESS = 0x20,
	WIRE_MYSQL_41 = 0x200,
	WIRE_MYSQL_TLS = 0x800,
	WIRE_MYSQL_SECURE = 0x8000,
	WIRE_MYSQL_LONG_AUTHENTICATION = 0x200000,
	WIRE_MYSQL_NO_EOF = 0x1000000, /* CLIENT_DEPRECATE_EOF */
	WIRE_MYSQL_OPTIONAL_METADATA = 0x2000000,
	WIRE_MYSQL_ZSTD = 0x4000000,
	WIRE_MYSQL_ATTRIBUTES = 0x8000000,
	WIRE_MYSQL_CACHED_METADATA = 0x10, /* extended */
};

enum wire_mysql_login { WIRE_MYSQL_SILENT, WIRE_MYSQL_GREETED, WIRE_MYSQL_AUTHENTICATING, WIRE_MYSQL_LOGGED_IN };

/* What a command is answered with; kinds of requests in the queue. */
enum wire_mysql_request {
	WIRE_MYSQL_NOTHING,
	WIRE_MYSQL_OK,
	WIRE_MYSQL_STRING,
	WIRE_MYSQL_FIELDS,
	WIRE_MYSQL_RESULTS,
	WIRE_MYSQL_PREPARED,
	WIRE_MYSQL_FETCHED,
	WIRE_MYSQL_AUTHENTICATED,
};

/* A packet is complete, with those that continue it; it is in wire->request or wire->reply. */
void wire_mysql_sent(struct wire *wire, struct wire_visitor visitor);
void wire_mysql_received(struct wire *wire, struct wire_visitor visitor);

/* The same while connecting. */
void wire_mysql_login_sent(struct wire *wire, struct wire_visitor visitor);
void wire_mysql_login_received(struct wire *wire, struct wire_visitor visitor);

/* The client's packet goes on behind what is kept. */
void wire_mysql_cut(struct wire *wire);

/* The server's packet that begins with this byte is a row; length: of its first part. */
bool wire_mysql_is_row(struct wire *wire, uint8_t first, uint64_t length);

/* Number, SQLSTATE and text of an error packet. False: it is none. */
bool wire_mysql_error(const struct wire *wire, struct wire_event *event);

#endif
