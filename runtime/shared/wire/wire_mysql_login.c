/* Connecting: the server's greeting, the client's answer, and as many rounds as its authentication takes. */
#include <string.h>

#include "wire_cursor.h"
#include "wire_mysql.h"

enum {
	VERSION = 10,
	VERSION_OLD = 9,
	OK = 0,
	MORE_DATA = 1,
	FAST_SUCCESS = 3, /* of caching_sha2_password: OK follows by itself */
	SWITCH = 0xfe,
	ERROR = 0xff,
	SHORT_ANSWER = 32, /* an answer that ends where TLS begins */
	SALT_BYTES = 8,
	GREETING_RESERVED = 6,
	ANSWER_RESERVED = 19,
};

static void lose(struct wire *wire, enum wire_reason reason, struct wire_visitor visitor)
{
	wire_leave(wire, WIRE_LOST, reason, visitor);
}

/* Both halves of the capabilities lie apart. */
static void read_greeting(struct wire *wire, struct wire_cursor cursor, struct wire_visitor visitor)
{
	struct wire_mysql *own = &wire->mysql;
	size_t nbytes;

	wire_cursor_text(&cursor, &nbytes); /* the server's version */
	wire->backend = (uint32_t)wire_cursor_little(&cursor, 4);
	wire_cursor_bytes(&cursor, SALT_BYTES + 1);
	own->capabilities = (uint32_t)wire_cursor_little(&cursor, 2);
	wire_cursor_bytes(&cursor, 3); /* character set, status */
	own->capabilities |= (uint32_t)wire_cursor_little(&cursor, 2) << 16;
	wire_cursor_bytes(&cursor, 1 + GREETING_RESERVED);
	own->extended = (uint32_t)wire_cursor_little(&cursor, 4);
	if (own->capabilities & WIRE_MYSQL_IS_MYSQL)
		own->extended = 0;
	own->login = WIRE_MYSQL_GREETED;
	own->waiting = false;
	if (cursor.bad)
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_VERSION, visitor);
}

static void greet(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = {.at = wire->reply, .left = wire->server.nkept};
	uint8_t version = (uint8_t)wire_cursor_little(&cursor, 1);

	if (version == VERSION)
		read_greeting(wire, cursor, visitor);
	else if (version == VERSION_OLD)
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_VERSION, visitor);
	else
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
}

static void skip_authentication(const struct wire *wire, struct wire_cursor *cursor)
{
	size_t nbytes;

	if (wire->mysql.capabilities & WIRE_MYSQL_LONG_AUTHENTICATION)
		wire_cursor_bytes(cursor, wire_cursor_number(cursor));
	else if (wire->mysql.capabilities & WIRE_MYSQL_SECURE)
		wire_cursor_bytes(cursor, wire_cursor_little(cursor, 1));
	else
		wire_cursor_text(cursor, &nbytes);
}

static void read_names(struct wire *wire, struct wire_cursor cursor, uint32_t wanted, struct wire_visitor visitor)
{
	size_t nbytes;
	const char *name = wire_cursor_text(&cursor, &nbytes);

	if (name)
		wire_name_copy(wire->user, wire_text_of(name, nbytes));
	skip_authentication(wire, &cursor);
	name = wanted & WIRE_MYSQL_WITH_DATABASE ? wire_cursor_text(&cursor, &nbytes) : NULL;
	if (name)
		wire_name_copy(wire->database, wire_text_of(name, nbytes));
	if (cursor.bad)
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
}

static void read_answer(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = {.at = wire->request, .left = wire->client.nkept};
	uint32_t wanted = (uint32_t)wire_cursor_little(&cursor, 4);
	struct wire_mysql *own = &wire->mysql;

	own->capabilities &= wanted;
	own->login = WIRE_MYSQL_AUTHENTICATING;
	own->waiting = true;
	wire_cursor_bytes(&cursor, 4 + 1 + ANSWER_RESERVED); /* longest packet, character set */
	uint32_t extended = (uint32_t)wire_cursor_little(&cursor, 4);
	own->extended &= wanted & WIRE_MYSQL_IS_MYSQL ? 0 : extended;
	if (wanted & WIRE_MYSQL_TLS && wire->client.nbody == SHORT_ANSWER)
		wire_leave(wire, WIRE_ENCRYPTED, WIRE_BECAUSE_TLS, visitor);
	else if (!(wanted & WIRE_MYSQL_41))
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_VERSION, visitor);
	else if (own->capabilities & WIRE_MYSQL_OPTIONAL_METADATA)
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_METADATA, visitor);
	else
		read_names(wire, cursor, wanted, visitor);
}

void wire_mysql_login_sent(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_mysql *own = &wire->mysql;

	if (own->login == WIRE_MYSQL_GREETED)
		read_answer(wire, visitor);
	else if (own->login == WIRE_MYSQL_AUTHENTICATING && !own->waiting)
		own->waiting = true;
	else
		lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor);
}

static void succeed(struct wire *wire, struct wire_visitor visitor)
{
	wire->mysql.login = WIRE_MYSQL_LOGGED_IN;
	wire->mysql.waiting = false;
	wire_begin(wire, visitor);
	if (wire->mysql.capabilities & (WIRE_MYSQL_COMPRESS | WIRE_MYSQL_ZSTD))
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_COMPRESSION, visitor);
}

static void refuse(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_event event = {.kind = WIRE_RESULT, .status = WIRE_ERROR};

	if (!wire_mysql_error(wire, &event)) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	wire_tell(visitor, &event);
	wire_leave(wire, WIRE_ENDED, WIRE_BECAUSE_FATAL, visitor);
}

void wire_mysql_login_received(struct wire *wire, struct wire_visitor visitor)
{
	uint8_t first = wire->reply[0];

	if (first == ERROR) {
		refuse(wire, visitor);
	} else if (wire->mysql.login == WIRE_MYSQL_SILENT) {
		greet(wire, visitor);
	} else if (wire->mysql.login != WIRE_MYSQL_AUTHENTICATING) {
		lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor);
	} else if (first == OK) {
		succeed(wire, visitor);
	} else if (first == SWITCH || first == MORE_DATA) {
		wire->mysql.waiting = first == MORE_DATA && wire->server.nbody == 2 && wire->reply[1] == FAST_SUCCESS;
	} else {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
	}
}
