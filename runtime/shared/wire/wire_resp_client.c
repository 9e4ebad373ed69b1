/* Commands as they come: arrays of bulk strings, or lines of words. */
#include <string.h>

#include "../hash.h"
#include "wire_resp.h"

enum { BEGIN, COUNT, TYPE, LENGTH, BULK, BULK_CR, BULK_LF, INLINE };

enum { ARGUMENTS_MOST = INT32_MAX };

#define BULK_LONGEST (1ULL << 40)

static void lose(struct wire *wire, enum wire_reason reason, struct wire_visitor visitor)
{
	wire_leave(wire, WIRE_LOST, reason, visitor);
}

static void begin_command(struct wire *wire)
{
	wire->client.nkept = 0;
	wire->resp.narguments = 0;
	wire->resp.text_hash = HASH_START;
	wire->resp.text_length = 0;
	wire->resp.cut = false;
}

static void append(struct wire *wire, const uint8_t *bytes, size_t nbytes)
{
	size_t room = WIRE_KEPT_BYTES - wire->client.nkept;
	size_t kept = nbytes < room ? nbytes : room;

	wire->resp.text_hash = hash_bytes(wire->resp.text_hash, bytes, nbytes);
	wire->resp.text_length += nbytes;
	memmove(wire->request + wire->client.nkept, bytes, kept);
	wire->client.nkept += (uint32_t)kept;
}

static void begin_argument(struct wire *wire)
{
	if (wire->resp.narguments > 0)
		append(wire, (const uint8_t *)" ", 1);
	if (wire->resp.narguments <= WIRE_PARAMETERS)
		wire->resp.shown[wire->resp.narguments] = (struct wire_argument){
			.at = wire->client.nkept,
			.length = wire->resp.text_length,
		};
}

/* Until now the length held where the argument begins. */
static void end_argument(struct wire *wire)
{
	if (wire->resp.narguments <= WIRE_PARAMETERS) {
		struct wire_argument *argument = &wire->resp.shown[wire->resp.narguments];
		argument->nbytes = wire->client.nkept - argument->at;
		argument->length = wire->resp.text_length - argument->length;
	}
	wire->resp.narguments++;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static uint8_t digit(uint8_t c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static bool is_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* An escape in double quotes, behind the backslash: how many bytes it takes; what it stands for. */
static uint32_t unescape(const uint8_t *at, uint32_t left, uint8_t *c)
{
	static const char names[] = "nrtba", values[] = "\n\r\t\b\a";
	const char *name = memchr(names, *at, sizeof names - 1);

	if (*at == 'x' && left >= 3 && is_digit(at[1]) && is_digit(at[2])) {
		*c = (uint8_t)(digit(at[1]) << 4 | digit(at[2]));
		return 3;
	}
	*c = name ? (uint8_t)values[name - names] : *at;
	return 1;
}

/* One quoted part; what follows it must be a space, or the end. -1: it does not end. */
static int64_t read_quoted(struct wire *wire, const uint8_t *line, uint32_t at, uint32_t nbytes)
{
	uint8_t quote = line[at++], c;

	while (at < nbytes && line[at] != quote) {
		uint32_t taken = 1;
		c = line[at];
		if (c == '\\' && at + 1 < nbytes && quote == '"')
			taken = 1 + unescape(line + at + 1, nbytes - at - 1, &c);
		else if (c == '\\' && at + 1 < nbytes && line[at + 1] == '\'')
			taken = 2, c = '\'';
		append(wire, &c, 1);
		at += taken;
	}
	return at == nbytes || (at + 1 < nbytes && !is_space(line[at + 1])) ? -1 : (int64_t)at + 1;
}

/* -1: quotes that don't match. The argument takes no more room than it had in the line, so that both fit one buffer. */
static int64_t read_word(struct wire *wire, const uint8_t *line, int64_t at, uint32_t nbytes)
{
	while (at >= 0 && at < nbytes && !is_space(line[at])) {
		if (line[at] == '"' || line[at] == '\'') {
			at = read_quoted(wire, line, (uint32_t)at, nbytes);
			continue;
		}
		append(wire, line + at, 1);
		at++;
	}
	return at;
}

static void end_line(struct wire *wire, struct wire_visitor visitor)
{
	uint32_t nbytes = wire->client.nkept;

	if (wire->resp.cut) {
		lose(wire, WIRE_BECAUSE_TOO_LONG, visitor);
		return;
	}
	begin_command(wire);
	for (int64_t at = 0; at < nbytes;) {
		if (is_space(wire->request[at])) {
			at++;
			continue;
		}
		begin_argument(wire);
		at = read_word(wire, wire->request, at, nbytes);
		end_argument(wire);
		if (at < 0) {
			lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
			return;
		}
	}
	if (wire->resp.narguments > 0)
		wire_resp_command(wire, visitor);
}

static void take_line(struct wire *wire, uint8_t byte, struct wire_visitor visitor)
{
	if (byte == '\n') {
		wire->resp.client.phase = BEGIN;
		end_line(wire, visitor);
	} else if (wire->client.nkept == WIRE_KEPT_BYTES) {
		wire->resp.cut = true;
	} else {
		wire->request[wire->client.nkept++] = byte;
	}
}

static void begin(struct wire *wire, uint8_t byte, struct wire_visitor visitor)
{
	begin_command(wire);
	wire_resp_number_begin(&wire->resp.client);
	wire->resp.client.phase = byte == '*' ? COUNT : INLINE;
	if (byte != '*')
		take_line(wire, byte, visitor);
}

static void end_number(struct wire *wire, struct wire_visitor visitor)
{
	struct wire_resp_side *side = &wire->resp.client;

	if (side->phase == COUNT && side->number <= ARGUMENTS_MOST) {
		wire->resp.arguments = side->negative ? 0 : side->number;
		side->phase = wire->resp.arguments > 0 ? TYPE : BEGIN;
	} else if (side->phase == LENGTH && !side->negative && side->number <= BULK_LONGEST) {
		begin_argument(wire);
		side->phase = side->number > 0 ? BULK : BULK_CR;
	} else {
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
	}
}

static void take_number(struct wire *wire, uint8_t byte, struct wire_visitor visitor)
{
	enum wire_resp_line line = wire_resp_number(&wire->resp.client, byte);

	if (line == WIRE_RESP_BAD)
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
	else if (line == WIRE_RESP_DONE)
		end_number(wire, visitor);
}

static void end_bulk(struct wire *wire, struct wire_visitor visitor)
{
	end_argument(wire);
	wire->resp.client.phase = TYPE;
	if (--wire->resp.arguments > 0)
		return;
	wire->resp.client.phase = BEGIN;
	wire_resp_command(wire, visitor);
}

static void expect(struct wire *wire, uint8_t byte, uint8_t expected, struct wire_visitor visitor)
{
	struct wire_resp_side *side = &wire->resp.client;

	if (byte != expected) {
		lose(wire, WIRE_BECAUSE_MALFORMED_REQUEST, visitor);
	} else if (side->phase == BULK_LF) {
		end_bulk(wire, visitor);
	} else if (side->phase == BULK_CR) {
		side->phase = BULK_LF;
	} else {
		side->phase = LENGTH;
		wire_resp_number_begin(side);
	}
}

size_t wire_resp_sent(struct wire *wire, const uint8_t *bytes, size_t nbytes, struct wire_visitor visitor)
{
	struct wire_resp_side *side = &wire->resp.client;

	switch (side->phase) {
	case BEGIN: begin(wire, *bytes, visitor); break;
	case INLINE: take_line(wire, *bytes, visitor); break;
	case COUNT:
	case LENGTH: take_number(wire, *bytes, visitor); break;
	case TYPE: expect(wire, *bytes, '$', visitor); break;
	case BULK_CR: expect(wire, *bytes, '\r', visitor); break;
	case BULK_LF: expect(wire, *bytes, '\n', visitor); break;
	default: {
		size_t taken = side->number < nbytes ? side->number : nbytes;
		append(wire, bytes, taken);
		side->number -= taken;
		if (side->number == 0)
			side->phase = BULK_CR;
		return taken;
	}
	}
	return 1;
}
