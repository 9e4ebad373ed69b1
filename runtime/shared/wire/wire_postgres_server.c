#include <string.h>

#include "../decimal.h"
#include "wire_cursor.h"
#include "wire_order.h"
#include "wire_postgres.h"
#include "wire_queue.h"
#include "wire_stream.h"

enum { AUTHENTICATION_OK = 0, AUTHENTICATION_SASL_FINAL = 12, CODE_BYTES = 5 };

static void lose(struct wire *wire, enum wire_reason reason, struct wire_visitor visitor)
{
	wire_leave(wire, WIRE_LOST, reason, visitor);
}

static struct wire_cursor cursor_of(const struct wire *wire)
{
	return (struct wire_cursor){.at = wire->reply, .left = wire->server.nkept};
}

/* What the server works on belongs to the oldest request; if there is none, to that which the client has not ended. */
static uint32_t size_of(struct wire *wire)
{
	const struct wire_run *run = wire_queue_first(wire);

	return run ? run->size : wire->postgres.size;
}

static uint32_t nstatements_of(struct wire *wire)
{
	const struct wire_run *run = wire_queue_first(wire);

	return run ? run->nstatements : wire->postgres.nstatements;
}

static bool is_ordered(struct wire *wire)
{
	const struct wire_run *run = wire_queue_first(wire);

	return run ? run->ordered : wire->postgres.ordered;
}

static void end_row(struct wire *wire)
{
	wire->postgres.rows++;
	wire->postgres.digest = wire_order_add(wire->postgres.digest, wire->server.hash, is_ordered(wire));
}

/* All messages before the Query or FunctionCall that ends the request are answered. */
static bool is_at_query(struct wire *wire)
{
	const struct wire_run *run = wire_queue_first(wire);

	return run && run->kind == WIRE_POSTGRES_QUERY && wire->postgres.answered + 1 == run->size;
}

static void finish(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_postgres *own = &wire->postgres;
	struct wire_event event = {
		.kind = WIRE_REPLY,
		.nstatements = nstatements_of(wire),
		.transaction = wire->transaction,
		.status = own->code[0] ? WIRE_ERROR : WIRE_DONE,
	};

	memcpy(event.code, own->code, sizeof event.code);
	wire->nanswered += event.nstatements;
	own->answered = own->done = 0;
	own->code[0] = 0;
	wire_queue_pop(wire);
	wire_tell(visitor, &event);
}

void wire_postgres_settle(struct wire *wire, struct wire_visitor visitor)
{
	const struct wire_run *run;

	while ((run = wire_queue_first(wire))) {
		bool skipped = wire->postgres.failed && run->kind != WIRE_POSTGRES_SYNC;
		bool flushed = run->kind == WIRE_POSTGRES_FLUSH && wire->postgres.answered >= run->size;
		if (!skipped && !flushed)
			break;
		finish(wire, visitor);
	}
}

static void answer(struct wire *wire, struct wire_visitor visitor)
{
	if (wire->postgres.failed || wire->postgres.answered >= size_of(wire)) {
		lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor);
		return;
	}
	wire->postgres.answered++;
	wire_postgres_settle(wire, visitor);
}

/* The number of the statement that is being answered, 0: none is left. */
static uint64_t current(struct wire *wire)
{
	return wire->postgres.done < nstatements_of(wire) ? wire->nanswered + wire->postgres.done + 1 : 0;
}

static void tell_result(struct wire *wire, struct wire_event event, struct wire_visitor visitor)
{
	struct wire_postgres *own = &wire->postgres;

	event.kind = WIRE_RESULT;
	event.statement = current(wire);
	event.rows = own->rows;
	event.digest = own->digest;
	own->rows = own->digest = 0;
	wire_tell(visitor, &event);
}

/* A statement by itself ends with ReadyForQuery only, others with their first result. */
static void result(struct wire *wire, struct wire_event event, struct wire_visitor visitor)
{
	bool simple = is_at_query(wire);

	if (current(wire) == 0) {
		lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor);
		return;
	}
	tell_result(wire, event, visitor);
	if (simple)
		return;
	wire->postgres.done++;
	answer(wire, visitor);
}

/* "INSERT 0 1", "UPDATE 3", "COPY 7", "COMMIT". SELECT counts what it sent, or, CREATE TABLE AS, what it stored. */
static uint64_t affected_of(const char *tag, size_t nbytes, uint64_t nrows)
{
	bool moves = nbytes >= 4 && (memcmp(tag, "FETC", 4) == 0 || memcmp(tag, "MOVE", 4) == 0);
	bool selects = nbytes >= 4 && memcmp(tag, "SELE", 4) == 0;
	uint64_t number = 0;
	size_t at = nbytes;

	while (at > 0 && decimal_is_digit(tag[at - 1]))
		at--;
	if (at == 0 || tag[at - 1] != ' ' || moves || (selects && nrows > 0))
		return 0;
	decimal_read(tag + at, tag + nbytes, &number);
	return number;
}

static void complete(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	size_t nbytes;
	const char *tag = wire_cursor_text(&cursor, &nbytes);

	if (!tag) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	struct wire_event event = {
		.text = wire_text_of(tag, nbytes),
		.affected = affected_of(tag, nbytes, wire->postgres.rows),
	};
	result(wire, event, visitor);
}

/* Fields of an ErrorResponse or NoticeResponse; true when the session is over. */
static bool read_fields(struct wire *wire, struct wire_event *event)
{
	struct wire_cursor cursor = cursor_of(wire);
	bool fatal = false;

	for (;;) {
		uint8_t field = (uint8_t)wire_cursor_big(&cursor, 1);
		size_t nbytes;
		const char *value = field ? wire_cursor_text(&cursor, &nbytes) : NULL;
		if (!value)
			return fatal;
		if (field == 'C' && nbytes == CODE_BYTES)
			memcpy(event->code, value, CODE_BYTES);
		else if (field == 'M')
			event->text = wire_text_of(value, nbytes);
		else if (field == 'V')
			fatal = strcmp(value, "FATAL") == 0 || strcmp(value, "PANIC") == 0;
	}
}

/* An error ends a Query; of other requests the server skips what is left, to the next Sync. */
static void spoil(struct wire *wire, struct wire_event *event, struct wire_visitor visitor)
{
	struct wire_postgres *own = &wire->postgres;
	bool simple = is_at_query(wire);

	own->copying = false;
	if (own->code[0] == 0)
		memcpy(own->code, event->code, sizeof own->code);
	event->status = WIRE_ERROR;
	tell_result(wire, *event, visitor);
	if (simple)
		return;
	own->failed = true;
	wire_postgres_settle(wire, visitor);
}

static void error(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_event event = {.kind = WIRE_NOTICE};
	bool fatal = read_fields(wire, &event);
	bool asked = wire->nruns > 0 || wire->postgres.size > 0;

	if (event.code[0] == 0) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	if (asked || wire->state == WIRE_STARTING)
		spoil(wire, &event, visitor);
	else
		wire_tell(visitor, &event); /* the server says why it goes */
	wire->postgres.waiting = false;
	if (fatal)
		wire_leave(wire, WIRE_ENDED, WIRE_BECAUSE_FATAL, visitor);
}

static void notice(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_event event = {.kind = WIRE_NOTICE};

	read_fields(wire, &event);
	wire_tell(visitor, &event);
}

static void notify(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	struct wire_event event = {.kind = WIRE_NOTIFICATION, .backend = (uint32_t)wire_cursor_big(&cursor, 4)};
	size_t nbytes;
	const char *channel = wire_cursor_text(&cursor, &nbytes);

	if (!channel) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	event.name = wire_text_of(channel, nbytes);
	event.text = wire_text_of(cursor.at, strnlen((const char *)cursor.at, cursor.left));
	if (!wire_stream_is_whole(&wire->server)) /* the length is that of the message, less number, channel and ends */
		event.text.length = wire->server.nbody - 4 - nbytes - 2;
	wire_tell(visitor, &event);
}

static void authentication(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);
	uint64_t kind = wire_cursor_big(&cursor, 4);

	if (cursor.bad || wire->state != WIRE_STARTING)
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
	wire->postgres.waiting = kind == AUTHENTICATION_OK || kind == AUTHENTICATION_SASL_FINAL;
}

static void start(struct wire *wire, struct wire_visitor visitor)
{
	wire->postgres.waiting = false;
	wire_begin(wire, visitor);
}

static void ready(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_postgres *own = &wire->postgres;
	uint8_t state = wire->server.nkept == 1 ? wire->reply[0] : 0;
	const struct wire_run *run = wire_queue_first(wire);

	if (state != 'I' && state != 'T' && state != 'E') {
		lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	wire->transaction = state == 'I' ? WIRE_IDLE : state == 'T' ? WIRE_IN_TRANSACTION : WIRE_FAILED;
	if (wire->state == WIRE_STARTING) {
		start(wire, visitor);
		return;
	}
	bool synced = run && run->kind == WIRE_POSTGRES_SYNC && (own->failed || own->answered == run->size);
	if (!synced && !is_at_query(wire)) {
		lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor);
		return;
	}
	own->failed = own->copying = false;
	finish(wire, visitor);
	wire_postgres_settle(wire, visitor);
}

/* The Sync that was sent with the COPY is read as part of its data, and ignored. */
static void reopen(struct wire *wire, struct wire_visitor visitor)
{
	const struct wire_run *run = wire_queue_first(wire);
	struct wire_postgres *own = &wire->postgres;

	if (!run || run->kind == WIRE_POSTGRES_QUERY)
		return;
	if (wire->nruns > 1 || run->count > 1 || own->size > 0) {
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_COPY_IN_PIPELINE, visitor);
		return;
	}
	own->size = run->size;
	own->nstatements = run->nstatements;
	own->ordered = run->ordered;
	own->reopened = true;
	wire_queue_pop(wire);
}

static void copy(struct wire *wire, struct wire_visitor visitor)
{
	uint64_t statement = current(wire);

	if (statement == 0) {
		lose(wire, WIRE_BECAUSE_OUT_OF_STEP, visitor);
		return;
	}
	wire->postgres.copying = true;
	reopen(wire, visitor);
	if (!wire_is_final(wire))
		wire_tell(visitor, &(struct wire_event){.kind = WIRE_COPY, .statement = statement});
}

void wire_postgres_received(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_cursor cursor = cursor_of(wire);

	switch (wire->postgres.answer) {
	case 'D':
	case 'd': end_row(wire); break;
	case 'T':
		if (!is_at_query(wire))
			answer(wire, visitor);
		break;
	case '1':
	case '2':
	case '3':
	case 'n': answer(wire, visitor); break;
	case 'C': complete(wire, visitor); break;
	case 'I':
	case 'V': result(wire, (struct wire_event){.status = WIRE_DONE}, visitor); break;
	case 's': result(wire, (struct wire_event){.status = WIRE_SUSPENDED}, visitor); break;
	case 'E': error(wire, visitor); break;
	case 'N': notice(wire, visitor); break;
	case 'A': notify(wire, visitor); break;
	case 'Z': ready(wire, visitor); break;
	case 'R': authentication(wire, visitor); break;
	case 'K': wire->backend = (uint32_t)wire_cursor_big(&cursor, 4); break;
	case 'G': copy(wire, visitor); break;
	case 'W': wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_REPLICATION, visitor); break;
	case 'S':
	case 't':
	case 'H':
	case 'c':
	case 'v': break;
	default: lose(wire, WIRE_BECAUSE_MALFORMED_REPLY, visitor); break;
	}
}
