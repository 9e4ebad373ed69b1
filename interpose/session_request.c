#include "session_request.h"

#include <string.h>

#include "control.h"
#include "inherited.h"
#include "session_command.h"
#include "session_name.h"
#include "session_reply.h"
#include "session_statement.h"
#include "shared/wire/wire.h"
#include "shared/wire/wire_key.h"

/* Only the turn holder reads requests. */
static struct wire trial;
static struct wire_key_parameters parameters;
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

static void read_key(struct wire_text text, char key[WIRE_KEY_BYTES])
{
	keep_text(text);
	if (text.length <= WIRE_KEPT_BYTES)
		wire_key_read(sql, key);
	else
		key[0] = '\0';
}

static struct database_text *text_of(struct database_session *session, uint64_t hash)
{
	for (uint32_t i = 0; hash && i < WIRE_PREPARED; i++)
		if (session->texts[i].hash == hash)
			return &session->texts[i];
	return NULL;
}

static struct database_text *prepare(struct database_session *session, struct wire_text text)
{
	struct database_text *row = text_of(session, text.hash);

	if (!row) {
		row = &session->texts[session->ntexts++ % WIRE_PREPARED];
		*row = (struct database_text){.hash = text.hash, .statement = statement_of_text(text)};
		read_key(text, row->named);
	}
	return row;
}

/* The statement, and in `key` the rows that it names. */
static uint32_t statement_of(struct database_session *session, const struct wire_event *event,
	char key[WIRE_KEY_BYTES])
{
	const struct database_text *text;

	key[0] = '\0';
	if (session->wire.protocol == WIRE_RESP)
		return command_of(event);
	switch (event->act) {
	case WIRE_QUERY:
		read_key(event->text, key);
		return statement_of_text(event->text);
	case WIRE_COMMAND:
		return statement_of_text(event->text);
	case WIRE_PREPARE:
		text = prepare(session, event->text);
		break;
	default:
		text = text_of(session, event->source);
		break;
	}
	if (!text)
		return 0;
	memcpy(key, text->named, WIRE_KEY_BYTES);
	return text->statement;
}

/* In small letters, whatever the text has. */
static bool has_word(struct wire_text text, size_t at, const char *word)
{
	for (; *word && at < text.nbytes && (text.bytes[at] | 0x20) == *word; at++)
		word++;
	return *word == '\0';
}

/* LISTEN asks for notifications; NOTIFY sends them, as does pg_notify() anywhere in a statement. */
static void note_notification(struct session_request *request, struct wire_text text)
{
	request->listens |= has_word(text, 0, "listen");
	for (size_t at = 0; at < text.nbytes; at++)
		request->publishes |= has_word(text, at, "notify");
}

static bool only_opens(uint32_t statement)
{
	const struct statement *entry = &control->statements[statement];

	return entry->kind == STATEMENT_BEGIN && !(entry->flags & STATEMENT_UNBOUNDED);
}

/* What opens a transaction on the way to its first statement (JDBC) tells nothing beside that. */
static void keep_part(struct session_request *request, uint32_t statement)
{
	if (request->nparts == 1 && only_opens(request->parts[0]))
		request->nparts = 0;
	if (request->nparts < SESSION_REQUEST_PARTS)
		request->parts[request->nparts] = statement;
	if (request->nparts <= SESSION_REQUEST_PARTS)
		request->nparts++;
}

/* What is dependent on two statements is dependent on anything. */
static uint32_t whole_of(const struct session_request *request)
{
	uint32_t n = request->nparts < SESSION_REQUEST_PARTS ? request->nparts : SESSION_REQUEST_PARTS;

	if (n <= 1)
		return n ? request->parts[0] : 0;
	return session_statement_join(request->parts, n);
}

static void note_statement(struct session_request *request, const struct wire_event *event)
{
	bool first = !request->executes;
	uint32_t statement;

	if (event->act == WIRE_CLOSE)
		return;
	statement = statement_of(&control->sessions[request->session], event, request->named);
	if (trial.protocol == WIRE_RESP) {
		request->counts = first && session_command_counts(sql);
		request->patience_ns = session_command_patience(sql);
		request->publishes |= session_command_publishes(sql);
	}
	if (trial.protocol == WIRE_POSTGRES)
		note_notification(request, event->text);
	if (first || statement != request->last)
		keep_part(request, statement);
	request->last = statement;
	request->executes = true;
}

/* Did the session have it at the snapshot? */
static bool is_inherited(const struct session_request *request, uint32_t id)
{
	return control->sessions[request->session].inherited && inherited_has_prepared(request->session, id);
}

/* MySQL has commands that are no statements. */
static uint32_t marks_of_command(const char *name)
{
	if (strcmp(name, "ping") == 0 || strcmp(name, "statistics") == 0)
		return 0;
	return strcmp(name, "init db") == 0 ? SESSION_MARK_SETTINGS : SESSION_MARK_ANYTHING | SESSION_MARK_CHANGES;
}

static uint32_t marks_of_kind(uint8_t kind)
{
	return kind == STATEMENT_READ ? 0 : kind == STATEMENT_SETTING ? SESSION_MARK_SETTINGS :
		SESSION_MARK_ANYTHING | SESSION_MARK_CHANGES;
}

static uint32_t marks_of(const struct session_request *request, const struct wire_event *event)
{
	bool named = trial.protocol == WIRE_MYSQL || event->name.length > 0;
	char name[32] = "";

	if (trial.protocol == WIRE_RESP)
		return marks_of_kind(control->statements[request->last].kind);
	if (event->act == WIRE_PREPARE || event->act == WIRE_CLOSE)
		return named ? SESSION_MARK_PREPARED : 0;
	if (event->act != WIRE_COMMAND || trial.protocol != WIRE_MYSQL)
		return control->statements[request->last].marks | (request->last ? 0 : SESSION_MARK_ANYTHING | SESSION_MARK_CHANGES);
	memcpy(name, event->name.bytes, event->name.nbytes < sizeof name ? event->name.nbytes : sizeof name - 1);
	return marks_of_command(name);
}

/* What is said of a session that lives on, see inherited.h. */
static void note_marks(struct session_request *request, const struct wire_event *event)
{
	bool spared = event->act == WIRE_CLOSE && trial.protocol == WIRE_MYSQL && is_inherited(request, event->id);

	request->marks |= SESSION_MARK_USED | (spared ? 0 : marks_of(request, event));
	request->ncloses += spared;
	request->nothers += !spared;
}

/* As the server does: all but a ping and what asks for its counts. */
static bool is_counted(const struct wire_event *event)
{
	if (event->kind == WIRE_END || event->act != WIRE_COMMAND)
		return true;
	return !has_word(event->name, 0, "ping") && !has_word(event->name, 0, "statistics");
}

static void note(void *context, const struct wire_event *event)
{
	struct session_request *request = context;

	if (event->kind == WIRE_STATEMENT) {
		session_name_statement(&control->sessions[request->session], &trial, event, request);
		note_statement(request, event);
		note_marks(request, event);
	}
	if (event->kind == WIRE_STATEMENT || event->kind == WIRE_END)
		request->nasked += is_counted(event);
	if (event->kind == WIRE_PARAMETER)
		wire_key_note(&parameters, event, trial.protocol == WIRE_POSTGRES);
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
	memset(&parameters, 0, sizeof parameters);
	for (int i = 0; i < nvectors; i++)
		wire_sent(&trial, vectors[i].iov_base, vectors[i].iov_len, (struct wire_visitor){note, request});
	if (!waiting && wire_is_waiting(&trial))
		request->executes = true; /* the end of what COPY takes */
	request->statement = whole_of(request);
	if (request->statement == 0 || request->nparts > 1)
		request->named[0] = '\0';
	wire_key_fill(request->named, &parameters);
}

int64_t session_request_length(const struct iovec *vectors, int nvectors)
{
	size_t nbytes = 0;

	for (int i = 0; i < nvectors; i++)
		nbytes += vectors[i].iov_len;
	return (int64_t)nbytes;
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
