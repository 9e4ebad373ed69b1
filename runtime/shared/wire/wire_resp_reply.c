/* Whose reply it is, and what it says of the connection. */
#include <string.h>

#include "wire_queue.h"
#include "wire_resp.h"

enum { WORD_BYTES = 16 };

static struct wire_text text_of(const struct wire *wire, struct wire_argument argument)
{
	struct wire_text text = wire_text_of(wire->reply + argument.at, argument.nbytes);

	text.length = argument.length;
	return text;
}

static struct wire_text leaf(const struct wire *wire, uint32_t index)
{
	return text_of(wire, wire->resp.leaves[index]);
}

static void read_word(const struct wire *wire, char word[WORD_BYTES])
{
	struct wire_argument argument = wire->resp.leaves[0];

	memset(word, 0, WORD_BYTES);
	if (argument.length < WORD_BYTES && argument.nbytes == argument.length)
		memcpy(word, wire->reply + argument.at, argument.nbytes);
}

static void finish(struct wire *wire, struct wire_event event, struct wire_visitor visitor)
{
	event.kind = WIRE_RESULT;
	event.statement = ++wire->nanswered;
	event.digest = wire->resp.digest;
	event.transaction = wire->transaction;
	wire_queue_pop(wire);
	wire_tell(visitor, &event);
	wire_tell(visitor,
		&(struct wire_event){
			.kind = WIRE_REPLY,
			.nstatements = 1,
			.transaction = wire->transaction,
			.status = event.status == WIRE_ERROR ? WIRE_ERROR : WIRE_DONE,
		});
}

static uint64_t *subscribed(struct wire_resp *own, enum wire_resp_request kind)
{
	if (kind == WIRE_RESP_SUBSCRIBE || kind == WIRE_RESP_UNSUBSCRIBE)
		return &own->channels;
	return kind == WIRE_RESP_PSUBSCRIBE || kind == WIRE_RESP_PUNSUBSCRIBE ? &own->patterns : &own->shards;
}

/* The server tells how many channels and patterns there are together. */
static void note_subscribed(struct wire_resp *own, enum wire_resp_request kind)
{
	uint64_t *count = subscribed(own, kind);
	uint64_t others = count == &own->channels ? own->patterns : count == &own->patterns ? own->channels : 0;

	*count = own->integer > others ? own->integer - others : 0;
}

/* Unsubscribing from all is confirmed for each, and once when there is none. */
static void confirm(struct wire *wire, const struct wire_run *run, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;
	uint64_t all = *subscribed(own, run->kind);

	if (own->confirmed == 0)
		own->expected = run->size ? run->size : all ? all : 1;
	note_subscribed(own, run->kind);
	if (++own->confirmed < own->expected)
		return;
	finish(wire, (struct wire_event){.rows = own->confirmed}, visitor);
	own->confirmed = 0;
}

static void notify(struct wire *wire, const char *word, struct wire_visitor visitor)
{
	uint32_t channel =
		strcmp(word, "pmessage") == 0 ? 2 : strcmp(word, "message") == 0 || strcmp(word, "smessage") == 0;

	wire_tell(visitor,
		&(struct wire_event){
			.kind = WIRE_NOTIFICATION,
			.name = leaf(wire, channel),
			.text = leaf(wire, channel + 1),
		});
}

static bool is_unasked(const struct wire *wire, const char *word)
{
	const struct wire_resp *own = &wire->resp;
	bool subscribing = own->channels + own->patterns + own->shards > 0;
	bool message = strcmp(word, "message") == 0 || strcmp(word, "pmessage") == 0 || strcmp(word, "smessage") == 0;

	if (own->top == '>')
		return true;
	return !own->three && own->top == '*' && subscribing &&
		(message || wire_resp_kind(word) >= WIRE_RESP_SUBSCRIBE);
}

static enum wire_status status_of(const struct wire *wire, const char *word)
{
	const struct wire_resp *own = &wire->resp;

	if (own->top == '-' || own->top == '!')
		return WIRE_ERROR;
	if (own->null)
		return WIRE_NULL;
	if (own->top == '+' && wire->transaction != WIRE_IDLE && strcmp(word, "QUEUED") == 0)
		return WIRE_QUEUED;
	return WIRE_DONE;
}

/* A command that is refused while others are queued spoils them all, but for a MULTI or WATCH too many. */
static void note_transaction(struct wire *wire, enum wire_resp_request kind, enum wire_status status)
{
	if (kind == WIRE_RESP_EXEC || kind == WIRE_RESP_RESET)
		wire->transaction = WIRE_IDLE;
	else if (kind == WIRE_RESP_MULTI && status == WIRE_DONE)
		wire->transaction = WIRE_IN_TRANSACTION;
	else if (status == WIRE_ERROR && wire->transaction != WIRE_IDLE && kind != WIRE_RESP_MULTI &&
		kind != WIRE_RESP_WATCH)
		wire->transaction = WIRE_FAILED;
}

static void note_session(struct wire *wire, enum wire_resp_request kind, enum wire_status status)
{
	struct wire_resp *own = &wire->resp;

	if (kind == WIRE_RESP_HELLO && status == WIRE_DONE)
		own->three = own->top == '%';
	if (kind == WIRE_RESP_RESET) {
		own->three = false;
		own->channels = own->patterns = own->shards = 0;
	}
}

static void result(struct wire *wire, const struct wire_run *run, const char *word, struct wire_visitor visitor)
{
	struct wire_resp *own = &wire->resp;
	enum wire_resp_request kind = run->kind;
	struct wire_event event = {
		.status = status_of(wire, word),
		.rows = own->ntop,
		.affected = own->top == ':' ? own->integer : 0,
	};

	if (own->failed)
		event.text = text_of(wire, own->error);
	else if (own->top == '+')
		event.text = leaf(wire, 0);
	if (event.status == WIRE_QUEUED && kind >= WIRE_RESP_SUBSCRIBE) {
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_SUBSCRIBE_QUEUED, visitor);
		return;
	}
	note_transaction(wire, kind, event.status);
	note_session(wire, kind, event.status);
	finish(wire, event, visitor);
	if (kind == WIRE_RESP_QUIT)
		wire_leave(wire, WIRE_ENDED, WIRE_BECAUSE_GOODBYE, visitor);
}

void wire_resp_reply(struct wire *wire, struct wire_visitor visitor)
{
	const struct wire_run *run = wire_queue_first(wire);
	char word[WORD_BYTES];

	read_word(wire, word);
	bool list = wire->resp.top == '>' || (!wire->resp.three && wire->resp.top == '*');
	if (list && run && run->kind >= WIRE_RESP_SUBSCRIBE && wire_resp_kind(word) == run->kind)
		confirm(wire, run, visitor);
	else if (is_unasked(wire, word))
		notify(wire, word, visitor);
	else if (run)
		result(wire, run, word, visitor);
	else if (wire->resp.top == '-') /* the server says why it goes */
		wire_tell(visitor, &(struct wire_event){.kind = WIRE_NOTICE, .text = text_of(wire, wire->resp.error)});
	else
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_OUT_OF_STEP, visitor);
}
