#include "wire_postgres.h"

#include "wire_queue.h"
#include "wire_stream.h"

enum { HEAD = 5, START_HEAD = 4, START_LONGEST = 10000, FIELD_BYTES = 4 };

static void open(struct wire *wire)
{
	wire->state = WIRE_STARTING;
}

static uint32_t length_of(const uint8_t *head)
{
	return (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
}

static bool is_starting(const struct wire *wire)
{
	return !wire->postgres.started;
}

/* TLS without asking for it first begins with a handshake record. */
static void begin_start(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_stream *stream = &wire->client;
	uint32_t length = length_of(stream->head);

	if (stream->head[0] == 0x16)
		wire_leave(wire, WIRE_ENCRYPTED, WIRE_BECAUSE_TLS, visitor);
	else if (length < 2 * FIELD_BYTES || length > START_LONGEST || wire->postgres.waiting)
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
	else
		wire_stream_begin(stream, length - FIELD_BYTES);
}

static void begin_request(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_stream *stream = &wire->client;
	uint32_t length = length_of(stream->head + 1);

	wire->postgres.type = stream->head[0];
	if (length < FIELD_BYTES || length > INT32_MAX)
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
	else
		wire_stream_begin(stream, length - FIELD_BYTES);
}

static void end_request(struct wire *wire, struct wire_visitor visitor)
{
	wire->client.nhead = 0;
	if (is_starting(wire))
		wire_postgres_started(wire, visitor);
	else
		wire_postgres_sent(wire, visitor);
}

static size_t sent(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor)
{
	struct wire_stream *stream = &wire->client;
	uint8_t nhead = is_starting(wire) ? START_HEAD : HEAD;
	size_t taken;

	if (stream->nhead < nhead) {
		taken = wire_stream_head(stream, nhead, bytes, nbytes);
		if (stream->nhead < nhead)
			return taken;
		if (is_starting(wire))
			begin_start(wire, visitor);
		else
			begin_request(wire, visitor);
	} else {
		if (stream->nkept == WIRE_KEPT_BYTES && stream->rest == WIRE_REST_UNKNOWN)
			wire_postgres_cut(wire, visitor);
		taken = wire_stream_body(stream, wire->request, WIRE_KEPT_BYTES, bytes, nbytes);
	}
	if (stream->left == 0 && !wire_is_final(wire))
		end_request(wire, visitor);
	return taken;
}

static void begin_reply(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_stream *stream = &wire->server;
	uint32_t length = length_of(stream->head + 1);

	wire->postgres.answer = stream->head[0];
	if (length < FIELD_BYTES || length > INT32_MAX) {
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
		return;
	}
	wire_stream_begin(stream, length - FIELD_BYTES);
}

/* Rows are never kept, only hashed. */
static size_t take_reply(struct wire *wire, const uint8_t *bytes, size_t nbytes)
{
	struct wire_stream *stream = &wire->server;
	bool row = wire->postgres.answer == 'D' || wire->postgres.answer == 'd';

	if (!row) {
		if (stream->nkept == WIRE_REPLY_BYTES)
			stream->rest = WIRE_REST_OVER;
		return wire_stream_body(stream, wire->reply, WIRE_REPLY_BYTES, bytes, nbytes);
	}
	return wire_stream_row(stream, &stream->hash, bytes, nbytes);
}

/* One byte answers a request for encryption, unless an old server answers with an error. */
static bool is_asked(struct wire *wire, uint8_t answer, struct wire_visitor visitor)
{
	uint8_t asked = wire->postgres.asked;

	wire->postgres.asked = 0;
	wire->postgres.waiting = answer == 'E';
	if (answer == 'E')
		wire->postgres.started = true; /* it says nothing more */
	else if (answer == asked)
		wire_leave(wire, WIRE_ENCRYPTED, asked == 'S' ? WIRE_BECAUSE_TLS : WIRE_BECAUSE_GSSAPI, visitor);
	else if (answer != 'N')
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
	return answer != 'E';
}

static size_t received(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor)
{
	struct wire_stream *stream = &wire->server;
	size_t taken;

	if (wire->postgres.asked && is_asked(wire, *bytes, visitor))
		return 1;
	if (is_starting(wire)) {
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_OUT_OF_STEP, visitor);
		return 1;
	}
	if (stream->nhead < HEAD) {
		taken = wire_stream_head(stream, HEAD, bytes, nbytes);
		if (stream->nhead < HEAD)
			return taken;
		begin_reply(wire, visitor);
	} else {
		taken = take_reply(wire, bytes, nbytes);
	}
	if (stream->left == 0 && !wire_is_final(wire)) {
		stream->nhead = 0;
		wire_postgres_received(wire, visitor);
	}
	return taken;
}

/* The client begins, with its StartupMessage. */
static void lift(struct wire *wire)
{
	wire->postgres.asked = 0;
	wire->postgres.waiting = false;
}

static bool is_waiting(const struct wire *wire)
{
	if (wire->state == WIRE_STARTING && wire->postgres.waiting)
		return true;
	return wire->nruns > 0 && !wire->postgres.copying;
}

static bool is_sending(const struct wire *wire)
{
	return wire->client.nhead > 0 || wire->postgres.size > 0 || wire->postgres.copying;
}

const struct wire_decoder wire_postgres_decoder = {
	.open = open,
	.sent = sent,
	.received = received,
	.lift = lift,
	.is_waiting = is_waiting,
	.is_sending = is_sending,
};
