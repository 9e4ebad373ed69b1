#include "wire_mysql.h"

#include "wire_stream.h"

enum { HEAD = 4, FULL = 0xffffff };

static void open(struct wire *wire)
{
	wire->state = WIRE_STARTING;
	wire->mysql.waiting = true; /* for the greeting */
}

static uint32_t length_of(const uint8_t *head)
{
	return head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16;
}

/* A packet after a full one continues its body. */
static void begin(struct wire_stream *stream, bool *goes_on)
{
	uint32_t length = length_of(stream->head);

	if (*goes_on)
		stream->left = length;
	else
		wire_stream_begin(stream, length);
	*goes_on = length == FULL;
}

static void end_sent(struct wire *wire, struct wire_visitor visitor)
{
	wire->client.nhead = 0;
	if (wire->mysql.client_goes_on)
		return;
	if (wire->state == WIRE_STARTING)
		wire_mysql_login_sent(wire, visitor);
	else
		wire_mysql_sent(wire, visitor);
}

static size_t sent(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor)
{
	struct wire_stream *stream = &wire->client;
	size_t taken;

	if (stream->nhead < HEAD) {
		taken = wire_stream_head(stream, HEAD, bytes, nbytes);
		if (stream->nhead < HEAD)
			return taken;
		if (!wire->mysql.client_goes_on)
			wire->mysql.sequence = stream->head[3];
		begin(stream, &wire->mysql.client_goes_on);
	} else {
		if (stream->nkept == WIRE_KEPT_BYTES && stream->rest == WIRE_REST_UNKNOWN)
			wire_mysql_cut(wire);
		taken = wire_stream_body(stream, wire->request, WIRE_KEPT_BYTES, bytes, nbytes);
	}
	if (stream->left == 0)
		end_sent(wire, visitor);
	return taken;
}

/* Rows are hashed, one after the other, and not kept. */
static size_t take_reply(struct wire *wire, const uint8_t *bytes, size_t nbytes)
{
	struct wire_stream *stream = &wire->server;
	struct wire_mysql *own = &wire->mysql;

	if (stream->nbody == 0)
		own->row = wire->state == WIRE_READY && wire_mysql_is_row(wire, *bytes, stream->left);
	if (!own->row) {
		if (stream->nkept == WIRE_REPLY_BYTES)
			stream->rest = WIRE_REST_OVER;
		return wire_stream_body(stream, wire->reply, WIRE_REPLY_BYTES, bytes, nbytes);
	}
	return wire_stream_row(stream, &own->digest, bytes, nbytes);
}

static void end_received(struct wire *wire, struct wire_visitor visitor)
{
	wire->server.nhead = 0;
	if (wire->mysql.server_goes_on)
		return;
	if (wire->server.nbody == 0)
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
	else if (wire->state == WIRE_STARTING)
		wire_mysql_login_received(wire, visitor);
	else if (wire->mysql.row)
		wire->mysql.rows++;
	else
		wire_mysql_received(wire, visitor);
}

static size_t received(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor)
{
	struct wire_stream *stream = &wire->server;
	size_t taken;

	if (stream->nhead < HEAD) {
		taken = wire_stream_head(stream, HEAD, bytes, nbytes);
		if (stream->nhead < HEAD)
			return taken;
		begin(stream, &wire->mysql.server_goes_on);
	} else {
		taken = take_reply(wire, bytes, nbytes);
	}
	if (stream->left == 0)
		end_received(wire, visitor);
	return taken;
}

/* The client answers the greeting again, in full. */
static void lift(struct wire *wire)
{
	wire->mysql.login = WIRE_MYSQL_GREETED;
	wire->mysql.waiting = false;
	wire->mysql.client_goes_on = wire->mysql.server_goes_on = false;
}

static bool is_waiting(const struct wire *wire)
{
	if (wire->state == WIRE_STARTING)
		return wire->mysql.waiting;
	return wire->nruns > 0 && !wire->mysql.asking;
}

static bool is_sending(const struct wire *wire)
{
	return wire->client.nhead > 0 || wire->mysql.client_goes_on || wire->mysql.asking;
}

const struct wire_decoder wire_mysql_decoder = {
	.open = open,
	.sent = sent,
	.received = received,
	.lift = lift,
	.is_waiting = is_waiting,
	.is_sending = is_sending,
};
