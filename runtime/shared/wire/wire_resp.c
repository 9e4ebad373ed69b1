#include "wire_resp.h"

enum { DIGITS = 19 };

static void open(struct wire *wire)
{
	wire->state = WIRE_READY;
}

static bool is_waiting(const struct wire *wire)
{
	return wire->nruns > 0;
}

static bool is_sending(const struct wire *wire)
{
	return wire->resp.client.phase != 0;
}

void wire_resp_number_begin(struct wire_resp_side *side)
{
	side->number = 0;
	side->ndigits = 0;
	side->negative = side->ended = false;
}

enum wire_resp_line wire_resp_number(struct wire_resp_side *side, uint8_t byte)
{
	bool first = side->ndigits == 0 && !side->negative && !side->ended;

	if (side->ended)
		return byte == '\n' ? WIRE_RESP_DONE : WIRE_RESP_BAD;
	if (byte == '\r' && side->ndigits > 0)
		side->ended = true;
	else if (byte == '-' && first)
		side->negative = true;
	else if (byte >= '0' && byte <= '9' && side->ndigits < DIGITS) {
		side->number = side->number * 10 + (uint64_t)(byte - '0');
		side->ndigits++;
	} else {
		return WIRE_RESP_BAD;
	}
	return WIRE_RESP_MORE;
}

const struct wire_decoder wire_resp_decoder = {
	.open = open,
	.sent = wire_resp_sent,
	.received = wire_resp_received,
	.is_waiting = is_waiting,
	.is_sending = is_sending,
};
