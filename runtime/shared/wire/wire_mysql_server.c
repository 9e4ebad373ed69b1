#include <string.h>

#include "../decimal.h"
#include "wire_cursor.h"
#include "wire_mysql.h"
#include "wire_prepared.h"
#include "wire_queue.h"

enum {
	OK = 0,
	LOCAL_INFILE = 0xfb,
	END = 0xfe, /* EOF, or, where both agree to do without, an OK with another first byte */
	ERROR = 0xff,
	EOF_LONGEST = 8, /* a row that begins like one is longer: it has a length of eight bytes */
	EOF_BYTES = 5,
	OK_LONGEST = 0xfffffe,
	STATUS_IN_TRANSACTION = 0x1,
	STATUS_MORE_RESULTS = 0x8,
	STATUS_CURSOR = 0x40,
	STATUS_LAST_ROW = 0x80,
	NUMBER_PROGRESS = 0xffff, /* MariaDB: no error, but how far it has got */
	NUMBER_DEADLOCK = 1213,
	CODE_BYTES = 5,
};

/* Phases of a reply. */
enum { FIRST, COLUMNS, COLUMNS_END, ROWS, DEFINITIONS, DEFINITIONS_END };

static void lose(struct wire *wire, enum wire_reason reason, struct wire_visitor visitor)
{
	wire_leave(wire, WIRE_LOST, reason, visitor);
}

static struct wire_cursor cursor_of(const struct wire *wire)
{
	return (struct wire_cursor){.at = wire->reply, .left = wire->server.nkept};
}

static bool has_eof(const struct wire *wire)
{
	return !(wire->mysql.capabilities & WIRE_MYSQL_NO_EOF);
}

static bool is_end(const struct wire *wire, uint8_t first, uint64_t length)
{
	return first == END && length <= (has_eof(wire) ? EOF_LONGEST : OK_LONGEST);
}

static enum wire_mysql_request kind_of(struct wire *wire)
{
	const struct wire_run *run = wire_queue_first(wire);

	return run ? run->kind : WIRE_MYSQL_NOTHING;
}

bool wire_mysql_is_row(struct wire *wire, uint8_t first, uint64_t length)
{
	bool rows = wire->mysql.phase == ROWS || (wire->mysql.phase == FIRST && kind_of(wire) == WIRE_MYSQL_FETCHED);

	return rows && first != ERROR && !is_end(wire, first, length);
}

bool wire_mysql_error(const struct wire *wire, struct wire_event *event)
{
	struct wire_cursor cursor = cursor_of(wire);

	if (wire_cursor_little(&cursor, 1) != ERROR)
		return false;
	event->number = (uint32_t)wire_cursor_little(&cursor, 2);
	if (cursor.left > CODE_BYTES && *cursor.at == '#') {
		memcpy(event->code, cursor.at + 1, CODE_BYTES);
		wire_cursor_bytes(&cursor, 1 + CODE_BYTES);
	}
	event->text = wire_text_of(cursor.at, cursor.left);
	event->text.length = wire->server.nbody - (uint64_t)(cursor.at - wire->reply);
	return !cursor.bad;
}

static void finish(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_mysql *own = &wire->mysql;
	struct wire_event event = {
		.kind = WIRE_REPLY,
		.nstatements = 1,
		.transaction = wire->transaction,
		.status = own->number ? WIRE_ERROR : WIRE_DONE,
		.number = own->number,
	};

	memcpy(event.code, own->code, sizeof event.code);
	own->number = 0;
	own->code[0] = 0;
	own->phase = FIRST;
	wire->nanswered++;
	wire_queue_pop(wire);
	wire_tell(visitor, &event);
}

/* Another result follows, or the reply ends with this one. */
static void result(struct wire *wire, struct wire_event event, uint32_t status, struct wire_visitor visitor)
{
	struct wire_mysql *own = &wire->mysql;

	event.kind = WIRE_RESULT;
	event.statement = wire->nanswered + 1;
	event.rows = own->rows;
	event.digest = own->digest;
	own->rows = own->digest = 0;
	own->phase = FIRST;
	wire_tell(visitor, &event);
	if (!(status & STATUS_MORE_RESULTS))
		finish(wire, visitor);
}

static void error(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_event event = {.status = WIRE_ERROR};

	if (!wire_mysql_error(wire, &event)) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	if (event.number == NUMBER_PROGRESS)
		return;
	if (event.number == NUMBER_DEADLOCK)
		wire->transaction = WIRE_IDLE;
	wire->mysql.number = event.number;
	memcpy(wire->mysql.code, event.code, sizeof event.code);
	if (kind_of(wire) == WIRE_MYSQL_PREPARED && wire->mysql.phase == FIRST)
		wire->mysql.nprepared_answered++;
	result(wire, event, 0, visitor);
}

/*
 * An UPDATE counts only rows that it made different; a unit that wrote what was there already has worked all the same.
 * How many it found stands in the text at the end ("Rows matched: 1  Changed: 0  Warnings: 0").
 */
static uint64_t matched(const struct wire_cursor *cursor, uint64_t affected)
{
	static const char words[] = "Rows matched: ";
	const char *text = memmem(cursor->at, cursor->left, words, sizeof words - 1);
	uint64_t n = 0;

	if (!text)
		return affected;
	decimal_read(text + sizeof words - 1, (const char *)cursor->at + cursor->left, &n);
	return n;
}

/* OK or EOF: what the server says of the connection. False: malformed. */
static bool read_status(struct wire *wire, uint64_t *affected, uint32_t *status)
{
	struct wire_cursor cursor = cursor_of(wire);
	bool eof = wire_cursor_little(&cursor, 1) == END && (has_eof(wire) || wire->server.nbody == EOF_BYTES);

	*affected = 0;
	if (eof) {
		wire_cursor_little(&cursor, 2); /* warnings */
	} else {
		*affected = wire_cursor_number(&cursor);
		wire_cursor_number(&cursor); /* last number that was generated */
	}
	*status = (uint32_t)wire_cursor_little(&cursor, 2);
	if (!eof && !cursor.bad)
		*affected = matched(&cursor, *affected);
	if (!cursor.bad)
		wire->transaction = *status & STATUS_IN_TRANSACTION ? WIRE_IN_TRANSACTION : WIRE_IDLE;
	return !cursor.bad;
}

static void end(struct wire *wire, struct wire_visitor visitor)
{
	uint32_t status;
	struct wire_event event = {0};

	if (!read_status(wire, &event.affected, &status)) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	if (status & STATUS_CURSOR && !(status & STATUS_LAST_ROW))
		event.status = WIRE_SUSPENDED;
	result(wire, event, status, visitor);
}

/* A cursor's rows come when they are fetched. */
static void end_columns(struct wire *wire, struct wire_visitor visitor)
{
	uint64_t affected;
	uint32_t status;

	if (!is_end(wire, wire->reply[0], wire->server.nbody) || !read_status(wire, &affected, &status))
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
	else if (status & STATUS_CURSOR)
		result(wire, (struct wire_event){.status = WIRE_SUSPENDED}, status, visitor);
	else
		wire->mysql.phase = ROWS;
}

/* How many columns follow; MariaDB may leave out what its client has seen already, but not the EOF behind it. */
static void begin_columns(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	struct wire_mysql *own = &wire->mysql;

	own->columns = wire_cursor_number(&cursor);
	bool absent = own->extended & WIRE_MYSQL_CACHED_METADATA && wire_cursor_little(&cursor, 1) == 0;
	if (cursor.bad || own->columns == 0) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	own->phase = COLUMNS;
	if (absent)
		own->phase = has_eof(wire) ? COLUMNS_END : ROWS;
}

static void begin_results(struct wire *wire, struct wire_visitor visitor)
{
	switch (wire->reply[0]) {
	case OK: end(wire, visitor); break;
	case LOCAL_INFILE: wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_LOCAL_INFILE, visitor); break;
	default: begin_columns(wire, visitor); break;
	}
}

static void remember(struct wire *wire)
{
	struct wire_mysql *own = &wire->mysql;
	struct wire_prepared prepared = {.key = (uint64_t)own->id + 1, .nparameters = own->nparameters};

	if (own->nprepared_sent - own->nprepared_answered <= WIRE_PREPARING)
		prepared.text = own->preparing[own->nprepared_answered % WIRE_PREPARING];
	own->nprepared_answered++;
	wire_prepared_enter(wire, prepared);
}

/* Definitions that are left, of parameters, then of columns; none: the reply is complete. */
static void next_definitions(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_mysql *own = &wire->mysql;

	if (own->columns == 0) {
		own->columns = own->rest;
		own->rest = 0;
	}
	own->phase = DEFINITIONS;
	if (own->columns == 0)
		result(wire, (struct wire_event){.id = own->id, .nparameters = own->nparameters}, 0, visitor);
}

static void begin_prepared(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	struct wire_mysql *own = &wire->mysql;
	bool ok = wire_cursor_little(&cursor, 1) == OK;

	own->id = (uint32_t)wire_cursor_little(&cursor, 4);
	own->rest = wire_cursor_little(&cursor, 2);
	own->columns = own->nparameters = (uint32_t)wire_cursor_little(&cursor, 2);
	if (!ok || cursor.bad) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	remember(wire);
	next_definitions(wire, visitor);
}

static void authenticate(struct wire *wire, struct wire_visitor visitor)
{
	if (wire->reply[0] == OK)
		end(wire, visitor);
	else
		wire->mysql.asking = !(wire->reply[0] == 1 && wire->server.nbody == 2 && wire->reply[1] == 3);
}

static void begin_reply(struct wire *wire, struct wire_visitor visitor)
{
	switch (kind_of(wire)) {
	case WIRE_MYSQL_RESULTS: begin_results(wire, visitor); break;
	case WIRE_MYSQL_PREPARED: begin_prepared(wire, visitor); break;
	case WIRE_MYSQL_AUTHENTICATED: authenticate(wire, visitor); break;
	case WIRE_MYSQL_STRING: result(wire, (struct wire_event){0}, 0, visitor); break;
	case WIRE_MYSQL_FIELDS:
		if (is_end(wire, wire->reply[0], wire->server.nbody))
			end(wire, visitor);
		break;
	case WIRE_MYSQL_FETCHED:
	case WIRE_MYSQL_OK:
		if (wire->reply[0] == OK || is_end(wire, wire->reply[0], wire->server.nbody)) {
			end(wire, visitor);
			break;
		}
		[[fallthrough]];
	default: lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor); break;
	}
}

/* The server says why it goes. */
static void tell_unasked(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_event event = {.kind = WIRE_NOTICE};

	if (wire_mysql_error(wire, &event))
		wire_tell(visitor, &event);
	else
		lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor);
}

void wire_mysql_received(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_mysql *own = &wire->mysql;

	if (kind_of(wire) == WIRE_MYSQL_NOTHING) {
		tell_unasked(wire, visitor);
		return;
	}
	if (wire->reply[0] == ERROR && kind_of(wire) != WIRE_MYSQL_STRING) {
		error(wire, visitor);
		return;
	}
	switch (own->phase) {
	case FIRST: begin_reply(wire, visitor); break;
	case COLUMNS:
		if (--own->columns == 0)
			own->phase = has_eof(wire) ? COLUMNS_END : ROWS;
		break;
	case COLUMNS_END: end_columns(wire, visitor); break;
	case ROWS: end(wire, visitor); break;
	case DEFINITIONS:
		if (--own->columns == 0 && has_eof(wire))
			own->phase = DEFINITIONS_END;
		else if (own->columns == 0)
			next_definitions(wire, visitor);
		break;
	case DEFINITIONS_END: next_definitions(wire, visitor); break;
	default: lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor); break;
	}
}
