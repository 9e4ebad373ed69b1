#include "wire_decoder.h"

#include <string.h>

#include "../hash.h"

static const struct wire_decoder *const decoders[] = {
	[WIRE_POSTGRES] = &wire_postgres_decoder,
	[WIRE_MYSQL] = &wire_mysql_decoder,
	[WIRE_RESP] = &wire_resp_decoder,
};

struct wire_text wire_text_of(const void *bytes, size_t nbytes)
{
	return wire_text_cut(bytes, nbytes, nbytes);
}

struct wire_text wire_text_cut(const void *bytes, size_t nbytes, size_t shown)
{
	uint32_t present = (uint32_t)(nbytes < shown ? nbytes : shown);

	return (struct wire_text){
		.bytes = bytes,
		.nbytes = present,
		.length = nbytes,
		.hash = hash_bytes(HASH_START, bytes, present),
	};
}

void wire_name_copy(char *name, struct wire_text text)
{
	size_t length = text.nbytes < WIRE_NAME_BYTES ? text.nbytes : WIRE_NAME_BYTES - 1;

	memset(name, 0, WIRE_NAME_BYTES);
	if (length > 0)
		memcpy(name, text.bytes, length);
}

void wire_open(struct wire *wire, enum wire_protocol protocol)
{
	memset(wire, 0, sizeof *wire);
	if (protocol >= sizeof decoders / sizeof *decoders || !decoders[protocol]) {
		wire->state = WIRE_LOST;
		wire->reason = WIRE_BECAUSE_PROTOCOL;
		return;
	}
	wire->protocol = (uint8_t)protocol;
	decoders[protocol]->open(wire);
}

void wire_sent(struct wire *wire, const void *bytes, size_t nbytes, struct wire_visitor visitor)
{
	const uint8_t *at = bytes;

	while (nbytes > 0 && !wire_is_final(wire)) {
		size_t taken = decoders[wire->protocol]->sent(wire, at, nbytes, visitor);
		at += taken;
		nbytes -= taken;
	}
}

void wire_received(struct wire *wire, const void *bytes, size_t nbytes, struct wire_visitor visitor)
{
	const uint8_t *at = bytes;

	while (nbytes > 0 && !wire_is_final(wire)) {
		size_t taken = decoders[wire->protocol]->received(wire, at, nbytes, visitor);
		at += taken;
		nbytes -= taken;
	}
}

void wire_lift(struct wire *wire)
{
	if (wire->state != WIRE_ENCRYPTED)
		return;
	wire->state = WIRE_STARTING;
	wire->reason = WIRE_BECAUSE_NONE;
	memset(&wire->client, 0, sizeof wire->client);
	memset(&wire->server, 0, sizeof wire->server);
	decoders[wire->protocol]->lift(wire);
}

bool wire_is_waiting(const struct wire *wire)
{
	return !wire_is_final(wire) && decoders[wire->protocol]->is_waiting(wire);
}

bool wire_is_sending(const struct wire *wire)
{
	return !wire_is_final(wire) && decoders[wire->protocol]->is_sending(wire);
}

bool wire_is_subscribed(const struct wire *wire)
{
	return wire->protocol == WIRE_RESP && !wire_is_final(wire) &&
		wire->resp.channels + wire->resp.patterns + wire->resp.shards > 0;
}

enum wire_state wire_state(const struct wire *wire)
{
	return wire->state;
}

enum wire_transaction wire_transaction(const struct wire *wire)
{
	return wire->transaction;
}

const char *wire_reason(const struct wire *wire)
{
	static const char *const texts[] = {
#define X(identifier, text) text,
		WIRE_REASONS(X)
#undef X
	};

	return texts[wire->reason];
}

void wire_leave(struct wire *wire, enum wire_state state, enum wire_reason reason, struct wire_visitor visitor)
{
	wire->state = (uint8_t)state;
	wire->reason = (uint8_t)reason;
	const char *text = wire_reason(wire);
	wire_tell(visitor,
		&(struct wire_event){.kind = WIRE_LEFT, .state = state, .text = wire_text_of(text, strlen(text))});
}

void wire_begin(struct wire *wire, struct wire_visitor visitor)
{
	wire->state = WIRE_READY;
	wire_tell(visitor,
		&(struct wire_event){
			.kind = WIRE_SESSION,
			.text = wire_text_of(wire->database, strlen(wire->database)),
			.name = wire_text_of(wire->user, strlen(wire->user)),
			.backend = wire->backend,
			.transaction = wire->transaction,
		});
}
