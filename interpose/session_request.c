#include "session_request.h"

#include <string.h>

#include "control.h"
#include "session_command.h"
#include "session_reply.h"
#include "session_statement.h"
#include "shared/wire/wire.h"

/* Only the turn holder reads requests. */
static struct wire trial;
static char sql[WIRE_KEPT_BYTES + 1];

static void keep_text(struct wire_text text)
{
	uint32_t length = text.nbytes < WIRE_KEPT_BYTES ? text.nbytes : WIRE_KEPT_BYTES;

	if (length > 0)
		memcpy(sql, text.bytes, length);
	sql[length] = '\0';
}

static uint32_t statement_of_text(struct wire_text text)
{
	keep_text(text);
	return session_statement_enter(sql, text.length <= WIRE_KEPT_BYTES);
}

static uint32_t command_of(const struct wire_event *event)
{
	keep_text(event->text);
	return session_command_enter(sql, event->nparameters);
}

static struct database_text *text_of(struct database_session *session, uint64_t hash)
{
	for (uint32_t i = 0; hash && i < WIRE_PREPARED; i++)
		if (session->texts[i].hash == hash)
			return &session->texts[i];
	return NULL;
}

static uint32_t prepare(struct database_session *session, struct wire_text text)
{
	struct database_text *row = text_of(session, text.hash);

	if (!row) {
		row = &session->texts[session->ntexts++ % WIRE_PREPARED];
		*row = (struct database_text){.hash = text.hash, .statement = statement_of_text(text)};
	}
	return row->statement;
}

static uint32_t statement_of(struct database_session *session, const struct wire_event *event)
{
	const struct database_text *text;

	if (session->wire.protocol == WIRE_RESP)
		return command_of(event);
	switch (event->act) {
	case WIRE_QUERY:
	case WIRE_COMMAND:
		return statement_of_text(event->text);
	case WIRE_PREPARE:
		return prepare(session, event->text);
	default:
		text = text_of(session, event->source);
		return text ? text->statement : 0;
	}
}

/* What is dependent on two statements is dependent on anything. */
static void note_statement(struct session_request *request, const struct wire_event *event)
{
	bool first = !request->executes;
	uint32_t statement;

	if (event->act == WIRE_CLOSE)
		return;
	statement = statement_of(&control->sessions[request->session], event);
	request->statement = first || statement == request->last ? statement : 0;
	request->last = statement;
	request->executes = true;
}

static void note(void *context, const struct wire_event *event)
{
	struct session_request *request = context;

	if (event->kind == WIRE_STATEMENT)
		note_statement(request, event);
	if (event->kind == WIRE_REQUEST)
		request->executes = true;
	if (event->kind == WIRE_END)
		request->ends = true;
}

void session_request_read(struct session_request *request, uint32_t session, const struct iovec *vectors, int nvectors)
{
	trial = control->sessions[session].wire;
	bool waiting = wire_is_waiting(&trial);

	*request = (struct session_request){.session = session};
	for (int i = 0; i < nvectors; i++)
		wire_sent(&trial, vectors[i].iov_base, vectors[i].iov_len, (struct wire_visitor){note, request});
	if (!waiting && wire_is_waiting(&trial))
		request->executes = true; /* the end of what COPY takes */
}

void session_request_sent(uint32_t session, const struct iovec *vectors, int nvectors, size_t nbytes)
{
	struct database_session *row = &control->sessions[session];

	for (int i = 0; i < nvectors && nbytes > 0; i++) {
		size_t length = vectors[i].iov_len < nbytes ? vectors[i].iov_len : nbytes;
		wire_sent(&row->wire, vectors[i].iov_base, length, session_reply_visitor(row));
		nbytes -= length;
	}
}
