/* Replies as they come: values of one line, bulks, and aggregates of them, counted over all levels. */
#include <string.h>

#include "../hash.h"
#include "wire_resp.h"

enum { TYPE, LINE, NUMBER, BULK, BULK_CR, BULK_LF };

#define ELEMENTS_MOST (1ULL << 40)
#define BULK_LONGEST (1ULL << 40)

static void lose(struct wire *wire, struct wire_visitor visitor)
{
	wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_MALFORMED_REPLY, visitor);
}

static bool is_error(uint8_t type)
{
	return type == '-' || type == '!';
}

/* Where a text is kept: the first error has a place of its own, so that long texts before it don't push it out. */
static struct wire_argument *place_of(struct wire_resp *own)
{
	if (own->into == WIRE_RESP_INTO_ERROR)
		return &own->error;
	return own->into ? &own->leaves[own->into - 1] : NULL;
}

static void begin_text(struct wire *wire)
{
	struct wire_resp *own = &wire->resp;

	own->into = 0;
	if (own->skipped > 0)
		return; /* an attribute */
	if (is_error(own->server.type) && !own->failed) {
		own->failed = true;
		own->into = WIRE_RESP_INTO_ERROR;
	} else if (own->nleaves < sizeof own->leaves / sizeof *own->leaves) {
		own->into = (uint8_t)(own->nleaves + 1);
	}
	own->nleaves++;
	struct wire_argument *place = place_of(own);
	if (place)
		*place = (struct wire_argument){.at = own->nreply};
}

static void keep(struct wire *wire, const uint8_t *bytes, size_t nbytes)
{
	struct wire_resp *own = &wire->resp;
	struct wire_argument *place = place_of(own);
	uint32_t capacity = own->into == WIRE_RESP_INTO_ERROR ? WIRE_REPLY_BYTES : WIRE_RESP_LEAVES_BYTES;

	if (!place)
		return;
	size_t room = capacity > own->nreply ? capacity - own->nreply : 0;
	size_t kept = nbytes < room ? nbytes : room;
	memcpy(wire->reply + own->nreply, bytes, kept);
	own->nreply += (uint32_t)kept;
	place->nbytes += (uint32_t)kept;
	place->length += nbytes;
}

static void begin_reply(struct wire_resp *own)
{
	own->elements = 1;
	own->top = 0;
	own->null = own->failed = false;
	own->ntop = own->integer = 0;
	own->nleaves = own->nreply = 0;
	own->digest = HASH_START;
	memset(own->leaves, 0, sizeof own->leaves);
	memset(&own->error, 0, sizeof own->error);
}

/* An element is complete, but for others in it. */
static void end_element(struct wire *wire, uint64_t within, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;
	uint64_t *left = own->skipped > 0 ? &own->skipped : &own->elements;

	own->server.phase = TYPE;
	*left += within - 1;
	if (*left > ELEMENTS_MOST)
		lose(wire, visitor);
	else if (own->elements == 0)
		wire_resp_reply(wire, visitor);
}

static bool is_bulk(uint8_t type)
{
	return type == '$' || type == '!' || type == '=';
}

/* Attributes come in front of an element and are none themselves. */
static void end_attributes(struct wire *wire, uint64_t count, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;

	own->server.phase = TYPE;
	if (own->top == 0 && own->skipped == 0)
		own->skipped = 2 * count;
	else
		end_element(wire, 2 * count + 1, visitor);
}

/* The element under way is the reply itself. */
static bool is_outermost(const struct wire_resp *own)
{
	return own->skipped == 0 && own->elements == 1 && own->nleaves == 0 && own->ntop == 0;
}

static void end_aggregate(struct wire *wire, uint64_t count, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;

	if (is_outermost(own))
		own->ntop = count;
	end_element(wire, own->server.type == '%' ? 2 * count : count, visitor);
}

static void end_null(struct wire *wire, struct wire_visitor visitor)
{
	wire->resp.null = wire->resp.null || is_outermost(&wire->resp);
	begin_text(wire);
	end_element(wire, 0, visitor);
}

static void end_number(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_resp_side *side = &wire->resp.server;

	if (side->type == ':') {
		wire->resp.integer = side->negative ? 0 : side->number;
		begin_text(wire);
		end_element(wire, 0, visitor);
	} else if (side->negative && side->number == 1 && (side->type == '$' || side->type == '*')) {
		end_null(wire, visitor);
	} else if (side->negative || side->number > BULK_LONGEST) {
		lose(wire, visitor);
	} else if (is_bulk(side->type)) {
		begin_text(wire);
		side->phase = side->number > 0 ? BULK : BULK_CR;
	} else if (side->type == '|') {
		end_attributes(wire, side->number, visitor);
	} else {
		end_aggregate(wire, side->number, visitor);
	}
}

static void take_number(struct wire *wire, uint8_t byte, struct wire_visitor visitor)
{
	struct wire_resp_side *side = &wire->resp.server;

	if (byte == '?' && side->ndigits == 0) {
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_STREAMED, visitor);
		return;
	}
	if (byte == '+' && side->type == ':' && side->ndigits == 0 && !side->negative)
		return;
	enum wire_resp_line line = wire_resp_number(side, byte);
	if (line == WIRE_RESP_BAD)
		lose(wire, visitor);
	else if (line == WIRE_RESP_DONE)
		end_number(wire, visitor);
}

/* A line has neither of the characters that end it. */
static void take_line(struct wire *wire, uint8_t byte, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;

	if (own->server.ended && byte == '\n') {
		own->null = own->null || (own->server.type == '_' && own->top == '_');
		end_element(wire, 0, visitor);
	} else if (own->server.ended || byte == '\n') {
		lose(wire, visitor);
	} else if (byte == '\r') {
		own->server.ended = true;
	} else {
		keep(wire, &byte, 1);
	}
}

static void begin_element(struct wire *wire, uint8_t type, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;

	if (type == 0 || !strchr("+-:$*_#,(!=%~>|", type)) {
		lose(wire, visitor);
		return;
	}
	own->server.type = type;
	wire_resp_number_begin(&own->server);
	if (own->top == 0 && own->skipped == 0 && type != '|')
		own->top = type;
	own->server.phase = strchr("+-_#,(", type) ? LINE : NUMBER;
	if (own->server.phase == LINE)
		begin_text(wire);
}

static void expect(struct wire *wire, uint8_t byte, struct wire_visitor visitor)
{
	if (byte != (wire->resp.server.phase == BULK_CR ? '\r' : '\n'))
		lose(wire, visitor);
	else if (wire->resp.server.phase == BULK_LF)
		end_element(wire, 0, visitor);
	else
		wire->resp.server.phase = BULK_LF;
}

static size_t take_bulk(struct wire *wire, const uint8_t *bytes, size_t nbytes)
{
	struct wire_resp_side *side = &wire->resp.server;
	size_t taken = side->number < nbytes ? side->number : nbytes;

	keep(wire, bytes, taken);
	wire->resp.digest = hash_bytes(wire->resp.digest, bytes, taken);
	side->number -= taken;
	if (side->number == 0)
		side->phase = BULK_CR;
	return taken;
}

size_t wire_resp_received(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;

	if (own->server.phase == BULK)
		return take_bulk(wire, bytes, nbytes);
	if (own->elements == 0)
		begin_reply(own);
	own->digest = hash_bytes(own->digest, bytes, 1);
	switch (own->server.phase) {
	case TYPE: begin_element(wire, *bytes, visitor); break;
	case LINE: take_line(wire, *bytes, visitor); break;
	case NUMBER: take_number(wire, *bytes, visitor); break;
	default: expect(wire, *bytes, visitor); break;
	}
	return 1;
}
