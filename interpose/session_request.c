#include "session_request.h"

#include <string.h>

#include "control.h"
#include "shared/hash.h"
#include "session_statement.h"

enum { HEAD = 5 };

static uint32_t big(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* A text within a body; NULL: its end is not there. */
static const char *text_at(const uint8_t *body, uint32_t nbytes, uint32_t at)
{
	return at < nbytes && memchr(body + at, 0, nbytes - at) ? (const char *)body + at : NULL;
}

static struct database_prepared *prepared_of(struct database_session *session, uint64_t name)
{
	for (uint32_t i = 0; i < DATABASE_PREPARED; i++)
		if (session->prepared[i].statement && session->prepared[i].name == name)
			return &session->prepared[i];
	return NULL;
}

/* Parse: the client's name for it, and the text. */
static void note_parse(struct session_request *request, struct database_session *session, const uint8_t *body,
	uint32_t nbytes)
{
	const char *name = text_at(body, nbytes, 0);
	const char *text = name ? text_at(body, nbytes, (uint32_t)strlen(name) + 1) : NULL;

	request->executes = true;
	if (!text)
		return;
	uint64_t hash = hash_text(name);
	struct database_prepared *prepared = prepared_of(session, hash);
	if (!prepared)
		prepared = &session->prepared[session->nprepared++ % DATABASE_PREPARED];
	request->statement = session_statement_enter(text);
	*prepared = (struct database_prepared){.name = hash, .statement = request->statement};
}

/* Bind: the portal, and the statement that it is of. */
static void note_bind(struct session_request *request, struct database_session *session, const uint8_t *body,
	uint32_t nbytes)
{
	const char *portal = text_at(body, nbytes, 0);
	const char *name = portal ? text_at(body, nbytes, (uint32_t)strlen(portal) + 1) : NULL;
	const struct database_prepared *prepared = name ? prepared_of(session, hash_text(name)) : NULL;

	request->executes = true;
	request->statement = prepared ? prepared->statement : 0;
}

static void note_message(struct session_request *request, struct database_session *session, uint8_t type,
	const uint8_t *body, uint32_t nbytes)
{
	const char *text;

	switch (type) {
	case 'Q':
		text = text_at(body, nbytes, 0);
		request->statement = text ? session_statement_enter(text) : 0;
		request->nreplies++;
		break;
	case 'P':
		note_parse(request, session, body, nbytes);
		break;
	case 'B':
		note_bind(request, session, body, nbytes);
		break;
	case 'S':
	case 'F':
		request->nreplies++;
		break;
	case 'X':
		request->ends = true;
		break;
	default:
		break;
	}
}

void session_request_read(struct session_request *request, uint32_t session, const struct iovec *vectors, int nvectors)
{
	const uint8_t *at = nvectors > 0 ? vectors[0].iov_base : NULL;
	size_t left = nvectors > 0 ? vectors[0].iov_len : 0;

	while (left >= HEAD) {
		size_t length = (size_t)big(at + 1) + 1;
		if (length < HEAD || length > left)
			break;
		note_message(request, &control->sessions[session], *at, at + HEAD, (uint32_t)(length - HEAD));
		at += length;
		left -= length;
	}
	if (left > 0 || nvectors > 1) {
		request->statement = 0;
		request->executes = true;
	}
}
