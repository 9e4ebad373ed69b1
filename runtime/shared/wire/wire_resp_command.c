/* What a command is: by its name, and a few by their arguments. */
#include <string.h>

#include "wire_queue.h"
#include "wire_resp.h"

enum { WORD_BYTES = 16 };

enum wire_resp_request wire_resp_kind(const char *name)
{
	static const struct {
		const char *name;
		enum wire_resp_request kind;
	} kinds[] = {
		{"multi", WIRE_RESP_MULTI},
		{"watch", WIRE_RESP_WATCH},
		{"exec", WIRE_RESP_EXEC},
		{"discard", WIRE_RESP_EXEC},
		{"reset", WIRE_RESP_RESET},
		{"hello", WIRE_RESP_HELLO},
		{"quit", WIRE_RESP_QUIT},
		{"subscribe", WIRE_RESP_SUBSCRIBE},
		{"psubscribe", WIRE_RESP_PSUBSCRIBE},
		{"ssubscribe", WIRE_RESP_SSUBSCRIBE},
		{"unsubscribe", WIRE_RESP_UNSUBSCRIBE},
		{"punsubscribe", WIRE_RESP_PUNSUBSCRIBE},
		{"sunsubscribe", WIRE_RESP_SUNSUBSCRIBE},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return 0;
}

/* An argument in lower case; "" when there is none, or it is too long to be a word that matters. */
static void read_word(const struct wire *wire, uint32_t index, char word[WORD_BYTES])
{
	const struct wire_argument *argument = &wire->resp.shown[index];

	memset(word, 0, WORD_BYTES);
	if (index >= wire->resp.narguments || argument->length >= WORD_BYTES || argument->nbytes < argument->length)
		return;
	for (uint32_t i = 0; i < argument->nbytes; i++) {
		char c = (char)wire->request[argument->at + i];
		word[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
}

/* What can't be followed: true, and named. */
static bool is_unsupported(struct wire *wire, const char *name, struct wire_visitor visitor)
{
	char first[WORD_BYTES], second[WORD_BYTES];

	read_word(wire, 1, first);
	read_word(wire, 2, second);
	if (strcmp(name, "monitor") == 0)
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_MONITOR, visitor);
	else if (strcmp(name, "sync") == 0 || strcmp(name, "psync") == 0)
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_REPLICATION, visitor);
	else if (strcmp(name, "client") == 0 && strcmp(first, "reply") == 0 && strcmp(second, "on") != 0)
		wire_leave(wire, WIRE_UNSUPPORTED, WIRE_BECAUSE_NO_REPLIES, visitor);
	return wire_is_final(wire);
}

static struct wire_text argument_text(const struct wire *wire, uint32_t index, uint32_t most)
{
	const struct wire_argument *argument = &wire->resp.shown[index];
	struct wire_text text = wire_text_cut(wire->request + argument->at, argument->nbytes, most);

	text.length = argument->length;
	return text;
}

static void tell_arguments(const struct wire *wire, struct wire_visitor visitor)
{
	for (uint32_t i = 1; i < wire->resp.narguments && i <= WIRE_PARAMETERS; i++) {
		struct wire_event event = {.kind = WIRE_PARAMETER, .index = i - 1};
		event.text = argument_text(wire, i, WIRE_PARAMETER_BYTES);
		if (wire->resp.shown[i].at == WIRE_KEPT_BYTES)
			return; /* cut before this one */
		wire_tell(visitor, &event);
	}
}

static void tell_session(struct wire *wire, struct wire_visitor visitor)
{
	if (!wire->resp.told)
		wire_tell(visitor, &(struct wire_event){.kind = WIRE_SESSION, .text = wire_text_of("0", 1)});
	wire->resp.told = true;
}

static void tell(struct wire *wire, bool secret, struct wire_visitor visitor)
{
	struct wire_event event = {
		.kind = WIRE_STATEMENT,
		.act = WIRE_QUERY,
		.statement = ++wire->nsent,
		.name = argument_text(wire, 0, WIRE_PARAMETER_BYTES),
		.nparameters = secret ? 0 : (uint32_t)(wire->resp.narguments - 1),
	};

	event.text = secret ? event.name
			    : (struct wire_text){
				      .bytes = (const char *)wire->request,
				      .nbytes = wire->client.nkept,
				      .length = wire->resp.text_length,
				      .hash = wire->resp.text_hash,
			      };
	event.parameters = event.nparameters > 0 ? event.text.hash : 0;
	wire_tell(visitor, &event);
	if (!secret)
		tell_arguments(wire, visitor);
}

/* The number that commands mean from now on. That SELECT may be refused is not waited for. */
static void keep_database(struct wire *wire, const char *name)
{
	if (strcmp(name, "select") == 0 && wire->resp.narguments > 1)
		wire_name_copy(wire->database, argument_text(wire, 1, WIRE_PARAMETER_BYTES));
	else if (strcmp(name, "reset") == 0)
		wire->database[0] = '\0';
}

void wire_resp_command(struct wire *wire, struct wire_visitor visitor)
{
	char name[WORD_BYTES];

	tell_session(wire, visitor);
	read_word(wire, 0, name);
	keep_database(wire, name);
	enum wire_resp_request kind = wire_resp_kind(name);
	struct wire_run run = {.kind = kind ? (uint8_t)kind : WIRE_RESP_ORDINARY, .nstatements = 1};
	if (kind >= WIRE_RESP_SUBSCRIBE)
		run.size = (uint32_t)(wire->resp.narguments - 1);
	tell(wire, kind == WIRE_RESP_HELLO || strcmp(name, "auth") == 0, visitor);
	if (is_unsupported(wire, name, visitor))
		return;
	if (!wire_queue_push(wire, run)) {
		wire_leave(wire, WIRE_LOST, WIRE_BECAUSE_TOO_DEEP, visitor);
		return;
	}
	wire_tell(visitor, &(struct wire_event){.kind = WIRE_REQUEST, .nstatements = 1});
	if (kind == WIRE_RESP_QUIT)
		wire_tell(visitor, &(struct wire_event){.kind = WIRE_END});
}
