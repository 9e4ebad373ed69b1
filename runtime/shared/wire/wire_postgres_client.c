#include <string.h>

#include "../hash.h"
#include "wire_cursor.h"
#include "wire_order.h"
#include "wire_postgres.h"
#include "wire_prepared.h"
#include "wire_queue.h"
#include "wire_stream.h"

enum { CODE_CANCEL = 80877102, CODE_TLS = 80877103, CODE_GSSAPI = 80877104 };

static void lose(struct wire *wire, enum wire_reason reason, struct wire_visitor visitor)
{
	wire_leave(wire, WIRE_LOST, reason, visitor);
}

static struct wire_cursor cursor_of(const struct wire *wire)
{
	return (struct wire_cursor){.at = wire->request, .left = wire->client.nkept};
}

/* A key is never 0. */
static uint64_t key_of(struct wire_text name)
{
	return name.hash ? name.hash : 1;
}

static struct wire_text text_next(struct wire_cursor *cursor)
{
	size_t nbytes;
	const char *text = wire_cursor_text(cursor, &nbytes);

	return wire_text_of(text, nbytes);
}

/* Length of so many texts with their ends. -1: they don't end within what is kept. */
static int64_t texts_length(const struct wire *wire, int ntexts)
{
	struct wire_cursor cursor = cursor_of(wire);

	while (ntexts-- > 0)
		text_next(&cursor);
	return cursor.bad ? -1 : (int64_t)(cursor.at - wire->request);
}

void wire_postgres_cut(struct wire *wire, struct wire_visitor visitor)
{
	uint8_t type = wire->postgres.started ? wire->postgres.type : 0;
	int64_t start = texts_length(wire, type == 'P' ? 1 : type == 'B' ? 2 : 0);

	if (type != 'Q' && type != 'P' && type != 'B')
		wire->client.rest = WIRE_REST_OVER;
	else if (start < 0)
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor); /* a name of thousands of bytes */
	else
		wire_stream_cut(
			&wire->client, wire->request, (uint32_t)start, type == 'B' ? WIRE_REST_ALL : WIRE_REST_TO_NUL);
	if (wire->client.rest == WIRE_REST_UNKNOWN)
		wire->client.rest = WIRE_REST_OVER;
}

static bool is_set(struct wire_text value)
{
	static const char *const unset[] = {"false", "off", "no", "0"};

	for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
		if (strcmp(value.bytes, unset[i]) == 0)
			return false;
	return true;
}

/* Names and values, until an empty name. */
static void read_settings(struct wire *wire, struct wire_cursor cursor, struct wire_visitor visitor)
{
	for (;;) {
		struct wire_text name = text_next(&cursor);
		if (cursor.bad || name.length == 0)
			break;
		struct wire_text value = text_next(&cursor);
		if (cursor.bad)
			break;
		if (strcmp(name.bytes, "user") == 0)
			wire_name_copy(wire->user, value);
		else if (strcmp(name.bytes, "database") == 0)
			wire_name_copy(wire->database, value);
		else if (strcmp(name.bytes, "replication") == 0 && is_set(value))
			wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_REPLICATION, visitor);
	}
	if (cursor.bad && wire_stream_is_whole(&wire->client) && !wire_is_final(wire))
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
	if (wire->database[0] == 0)
		memcpy(wire->database, wire->user, sizeof wire->database);
}

static void cancel(struct wire *wire, struct wire_cursor cursor, struct wire_visitor visitor)
{
	uint32_t backend = (uint32_t)wire_cursor_big(&cursor, 4);

	if (cursor.bad) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
		return;
	}
	wire_tell(visitor, &(struct wire_event){.kind = WIRE_CANCEL, .backend = backend});
	wire_leave(wire, WIRE_ENDED, WIRE_BECAUSE_CANCEL, visitor);
}

void wire_postgres_started(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	uint32_t code = (uint32_t)wire_cursor_big(&cursor, 4);

	wire->postgres.waiting = true;
	if (code == CODE_CANCEL) {
		cancel(wire, cursor, visitor);
	} else if (code == CODE_TLS || code == CODE_GSSAPI) {
		wire->postgres.asked = code == CODE_TLS ? 'S' : 'G';
	} else if (code >> 16 == 3) {
		wire->postgres.started = true;
		read_settings(wire, cursor, visitor);
	} else {
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_VERSION, visitor);
	}
}

/* The client may wait now. */
static void end_group(struct wire *wire, enum wire_postgres_request kind, struct wire_visitor visitor)
{
	struct wire_postgres *own = &wire->postgres;
	struct wire_run run = {.kind = (uint8_t)kind, .nstatements = own->nstatements, .size = own->size,
		.ordered = own->ordered};

	if (!wire_queue_push(wire, run)) {
		lose(wire, WIRE_BECAUSE_TOO_DEEP, visitor);
		return;
	}
	wire_tell(visitor,
		&(struct wire_event){.kind = WIRE_REQUEST, .nstatements = own->reopened ? 0 : own->nstatements});
	own->size = 0;
	own->nstatements = 0;
	own->ordered = own->reopened = false;
	wire_postgres_settle(wire, visitor);
}

/* What is not ended by a Sync is not answered by it, either: Query after Parse, say. */
static void end_alone(struct wire *wire, struct wire_visitor visitor)
{
	wire->postgres.size++;
	wire->postgres.nstatements++;
	end_group(wire, WIRE_POSTGRES_QUERY, visitor);
}

static void query(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_event event = {
		.kind = WIRE_STATEMENT,
		.act = WIRE_QUERY,
		.statement = ++wire->nsent,
		.text = wire_stream_text(&wire->client, wire->request, 0, WIRE_REST_TO_NUL),
	};

	wire->postgres.ordered |= wire_order_is_asked(event.text);
	wire_tell(visitor, &event);
	end_alone(wire, visitor);
}

static void call(struct wire *wire, struct wire_visitor visitor)
{
	static const char name[] = "function call";

	wire_tell(visitor,
		&(struct wire_event){
			.kind = WIRE_STATEMENT,
			.act = WIRE_COMMAND,
			.statement = ++wire->nsent,
			.text = wire_text_of(name, sizeof name - 1),
			.name = wire_text_of(name, sizeof name - 1),
		});
	end_alone(wire, visitor);
}

static void parse(struct wire *wire, struct wire_visitor visitor)
{
	int64_t start = texts_length(wire, 1);

	if (start < 0) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
		return;
	}
	struct wire_event event = {
		.kind = WIRE_STATEMENT,
		.act = WIRE_PREPARE,
		.name = wire_text_of(wire->request, (size_t)start - 1),
		.text = wire_stream_text(&wire->client, wire->request, (uint32_t)start, WIRE_REST_TO_NUL),
	};
	wire_prepared_enter(wire, (struct wire_prepared){.key = key_of(event.name), .text = event.text.hash,
		.ordered = wire_order_is_asked(event.text)});
	wire->postgres.size++;
	wire_tell(visitor, &event);
}

static struct wire_portal *portal_of(struct wire *wire, uint64_t key)
{
	for (uint32_t i = 0; i < WIRE_PORTALS; i++)
		if (wire->postgres.portals[i].key == key)
			return &wire->postgres.portals[i];
	return NULL;
}

static void enter_portal(struct wire *wire, struct wire_portal portal)
{
	struct wire_portal *row = portal_of(wire, portal.key);

	if (!row)
		row = &wire->postgres.portals[wire->postgres.nportals++ % WIRE_PORTALS];
	*row = portal;
}

/* Formats of parameters are none (all text), one for all, or one each. */
struct formats {
	struct wire_cursor list;
	uint64_t count;
	bool binary; /* the last one read */
};

static bool is_binary(struct formats *formats, uint32_t index)
{
	if (formats->count > 1 || (formats->count == 1 && index == 0))
		formats->binary = wire_cursor_big(&formats->list, 2) != 0;
	return formats->binary;
}

/* The parameters that are there; false: the message ends before they do. */
static bool tell_parameters(
	struct wire_cursor *cursor, struct formats formats, uint64_t count, struct wire_visitor visitor)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t length = (uint32_t)wire_cursor_big(cursor, 4);
		struct wire_event event = {.kind = WIRE_PARAMETER, .index = i, .is_null = length == UINT32_MAX};
		event.is_binary = is_binary(&formats, i);
		const uint8_t *bytes = event.is_null ? NULL : wire_cursor_bytes(cursor, length);
		if (cursor->bad)
			return false;
		if (bytes)
			event.text = wire_text_cut(bytes, length, WIRE_PARAMETER_BYTES);
		if (i < WIRE_PARAMETERS)
			wire_tell(visitor, &event);
	}
	return true;
}

static void bind(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	struct wire_text portal = text_next(&cursor), name = text_next(&cursor);
	uint32_t start = (uint32_t)(cursor.at - wire->request);
	struct formats formats = {.count = wire_cursor_big(&cursor, 2)};

	formats.list = (struct wire_cursor){.at = cursor.at, .left = cursor.left};
	wire_cursor_bytes(&cursor, 2 * formats.count);
	uint64_t count = wire_cursor_big(&cursor, 2);
	if (cursor.bad && wire_stream_is_whole(&wire->client)) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
		return;
	}
	const struct wire_prepared *prepared = wire_prepared_find(wire, key_of(name));
	struct wire_event event = {
		.kind = WIRE_STATEMENT,
		.act = WIRE_BIND,
		.name = name,
		.source = prepared ? prepared->text : 0,
		.nparameters = (uint32_t)count,
	};
	if (count > 0 || cursor.bad)
		event.parameters = wire_stream_text(&wire->client, wire->request, start, WIRE_REST_ALL).hash;
	enter_portal(wire,
		(struct wire_portal){.key = key_of(portal), .text = event.source, .parameters = event.parameters,
			.ordered = !prepared || prepared->ordered});
	wire->postgres.size++;
	wire_tell(visitor, &event);
	if (!tell_parameters(&cursor, formats, count, visitor) && wire_stream_is_whole(&wire->client))
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
}

static void execute(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	struct wire_text name = text_next(&cursor);
	struct wire_portal *portal = portal_of(wire, key_of(name));

	wire_cursor_big(&cursor, 4); /* rows at most */
	if (cursor.bad) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
		return;
	}
	wire->postgres.size++;
	wire->postgres.nstatements++;
	wire->postgres.ordered |= !portal || portal->ordered;
	struct wire_event event = {
		.kind = WIRE_STATEMENT, .act = WIRE_EXECUTE, .statement = ++wire->nsent, .name = name};
	if (portal) {
		event.act = portal->executed ? WIRE_FETCH : WIRE_EXECUTE;
		event.source = portal->text;
		event.parameters = portal->parameters;
		portal->executed = true;
	}
	wire_tell(visitor, &event);
}

static void unprepare(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	uint8_t kind = (uint8_t)wire_cursor_big(&cursor, 1);
	struct wire_text name = text_next(&cursor);

	if (cursor.bad || (kind != 'S' && kind != 'P')) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
		return;
	}
	wire->postgres.size++;
	struct wire_portal *portal = portal_of(wire, key_of(name));
	if (kind == 'P' && portal)
		*portal = (struct wire_portal){0};
	if (kind == 'P')
		return;
	wire_prepared_forget(wire, key_of(name));
	wire_tell(visitor, &(struct wire_event){.kind = WIRE_STATEMENT, .act = WIRE_CLOSE, .name = name});
}

static void describe(struct wire *wire, struct wire_visitor visitor)
{
	uint8_t kind = wire->client.nkept > 0 ? wire->request[0] : 0;

	if (kind != 'S' && kind != 'P')
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
	else
		wire->postgres.size++;
}

static void end_flushed(struct wire *wire, struct wire_visitor visitor)
{
	if (!wire->postgres.copying && wire->postgres.size > 0)
		end_group(wire, WIRE_POSTGRES_FLUSH, visitor);
}

static void end_synced(struct wire *wire, struct wire_visitor visitor)
{
	if (!wire->postgres.copying)
		end_group(wire, WIRE_POSTGRES_SYNC, visitor);
}

static void end(struct wire *wire, struct wire_visitor visitor)
{
	wire_tell(visitor, &(struct wire_event){.kind = WIRE_END});
	wire_leave(wire, WIRE_ENDED, WIRE_BECAUSE_GOODBYE, visitor);
}

void wire_postgres_sent(struct wire *wire, struct wire_visitor visitor)
{
	switch (wire->postgres.type) {
	case 'Q': query(wire, visitor); break;
	case 'P': parse(wire, visitor); break;
	case 'B': bind(wire, visitor); break;
	case 'D': describe(wire, visitor); break;
	case 'E': execute(wire, visitor); break;
	case 'C': unprepare(wire, visitor); break;
	case 'S': end_synced(wire, visitor); break;
	case 'H': end_flushed(wire, visitor); break;
	case 'F': call(wire, visitor); break;
	case 'X': end(wire, visitor); break;
	case 'd': break;
	case 'c':
	case 'f': wire->postgres.copying = false; break;
	case 'p':
		if (wire->state == WIRE_STARTING) {
			wire->postgres.waiting = true;
			break;
		}
		[[fallthrough]];
	default: lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor); break;
	}
}
