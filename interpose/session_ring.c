#include "session_ring.h"

#include <string.h>

#include "abi/sqlite.h"
#include "control.h"
#include "observe.h"
#include "session_command.h"
#include "session_statement.h"
#include "shared/database.h"
#include "shared/decimal.h"
#include "shared/hash.h"
#include "shared/op.h"

enum { ABI_CONSTRAINT = 19, MYSQL_LOCK_TIMEOUT = 1205, MYSQL_LOCK_NOWAIT = 3572, NAME_BYTES = 400, KNOWN_NAMES = 64 };

/* Statement texts, which only who has observe_lock looks at. */
static char sql[WIRE_KEPT_BYTES + 1];

/* Names of databases that are texts already; of who has the lock, too. */
static struct {
	uint64_t hash;
	uint32_t text;
} names[KNOWN_NAMES];
static uint32_t nnames;

static bool is_redis(const struct session_ring *session)
{
	return session->wire.protocol == WIRE_RESP;
}

static uint32_t intern(const char *name)
{
	uint64_t hash = hash_text(name);

	for (uint32_t i = 0; i < nnames && i < KNOWN_NAMES; i++)
		if (names[i].hash == hash)
			return names[i].text;
	uint32_t text = control_text(name, (uint32_t)strlen(name));
	names[nnames % KNOWN_NAMES].hash = hash;
	names[nnames++ % KNOWN_NAMES].text = text;
	return text;
}

static char *put(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length);
	return at + length;
}

/* Users of PostgreSQL have schemas of their own. */
static void name_database(struct session_ring *session)
{
	static const char *const schemes[] = {[WIRE_POSTGRES] = "postgresql://", [WIRE_MYSQL] = "mysql://", [WIRE_RESP] = "redis://"};
	char name[NAME_BYTES], *at = put(name, schemes[session->wire.protocol]);

	if (session->wire.protocol == WIRE_POSTGRES)
		at = put(put(at, session->wire.user), "@");
	at = put(put(at, session->address), "/");
	at = is_redis(session) ? decimal_write(at, session->selected) : put(at, session->wire.database);
	if (session->apart)
		at = decimal_write(put(at, "#"), session->object);
	*at = '\0';
	session->database = 0;
	if (!observe_lock())
		return;
	session->database = intern(name);
	observe_unlock();
}

/* True: `sql` is the text, cut or not. */
static bool keep_text(struct wire_text text)
{
	uint32_t length = text.nbytes < WIRE_KEPT_BYTES ? text.nbytes : WIRE_KEPT_BYTES;

	if (length > 0)
		memcpy(sql, text.bytes, length);
	sql[length] = '\0';
	return text.length <= WIRE_KEPT_BYTES;
}

/* A row of who looks has no other use than that it is another than the one which is changed then. */
static bool read_key(uint32_t statement, char key[WIRE_KEY_BYTES])
{
	return control->statements[statement].kind == STATEMENT_READ ? wire_key_read_looked(sql, key) : wire_key_read(sql, key);
}

static bool mentions(const char *word)
{
	for (const char *at = sql; *at; at++) {
		size_t i = 0;
		while (word[i] && (at[i] >= 'A' && at[i] <= 'Z' ? at[i] + 32 : at[i]) == word[i])
			i++;
		if (!word[i])
			return true;
	}
	return false;
}

/* Takes effect with the reply; one that is refused leaves a session that is apart from others for nothing. */
static void move_to(struct session_ring *session, const char *name, size_t length)
{
	if (length >= WIRE_NAME_BYTES)
		session->apart = true;
	else
		memcpy(session->next, name, length);
	session->next[length < WIRE_NAME_BYTES ? length : 0] = '\0';
	session->moved = true;
}

static size_t name_length(const char *name)
{
	size_t n = 0;

	while (name[n] && !strchr(" `;\n\t", name[n]))
		n++;
	return n;
}

static void use_database(struct session_ring *session)
{
	const char *name = sql + 4;

	while (*name == ' ' || *name == '`')
		name++;
	move_to(session, name, name_length(name));
}

/* Statements after which names mean something else. */
static void note_names(struct session_ring *session, const struct statement *statement)
{
	if (statement->kind != STATEMENT_SETTING && !(statement->flags & STATEMENT_UNBOUNDED))
		return;
	if (session->wire.protocol == WIRE_MYSQL && (sql[0] | ' ') == 'u' && mentions("use "))
		use_database(session);
	if (!session->apart && (mentions("search_path") || mentions(" temp ") || mentions(" temporary ")))
		session->apart = session->moved = true;
}

/* Enters a text that was sent; how it names rows is left in `text`. */
static void enter(struct session_ring *session, struct wire_text sent, struct session_ring_text *text)
{
	*text = (struct session_ring_text){.hash = sent.hash};
	if (!observe_lock())
		return;
	bool whole = keep_text(sent);
	text->statement = session_statement_enter(sql, whole);
	text->whole = whole && read_key(text->statement, text->named);
	note_names(session, &control->statements[text->statement]);
	observe_unlock();
}

static struct session_ring_text *text_of(struct session_ring *session, uint64_t hash)
{
	uint32_t ntexts = session->ntexts < WIRE_PREPARED ? session->ntexts : WIRE_PREPARED;

	for (uint32_t i = 0; hash && i < ntexts; i++)
		if (session->texts[i].hash == hash)
			return &session->texts[i];
	return NULL;
}

static struct session_ring_text *prepare(struct session_ring *session, struct wire_text sent)
{
	struct session_ring_text *row = text_of(session, sent.hash);

	if (!row) {
		row = &session->texts[session->ntexts++ % WIRE_PREPARED];
		enter(session, sent, row);
	}
	return row;
}

/* The key of a command of Redis is what it names its row by. */
static uint64_t row_of_command(struct wire_text text)
{
	const char *end = text.nbytes ? memchr(text.bytes, ' ', text.nbytes) : NULL;

	if (!end)
		return 0;
	size_t left = text.nbytes - (size_t)(end - text.bytes) - 1;
	const char *last = memchr(end + 1, ' ', left);
	uint64_t hash = hash_bytes(HASH_START, end + 1, last ? (size_t)(last - end) - 1 : left);
	return hash << 32 | (hash & 0xffff) | 1 << 16;
}

/* What the statement's row is called: names of columns in bits 16 to 31, and their values. */
static uint64_t row_of(const char *key)
{
	uint64_t columns = HASH_START, all = hash_text(key);
	bool name = false;

	for (const char *at = key; *at; at++) {
		name = *at == '\t' || (name && *at != '=');
		if (name)
			columns = hash_bytes(columns, at, 1);
	}
	return all << 32 | (columns & 0xffff) << 16 | (all >> 40 & 0xffff) | 1;
}

static void fill_row(struct session_ring *session)
{
	if (session->nsent == 0 || is_redis(session) || !session->named[0])
		return;
	if (wire_key_fill(session->named, &session->parameters) && session->whole)
		session->sent[session->nsent - 1].row = row_of(session->named);
	session->named[0] = '\0';
}

static void name_rows(struct session_ring *session, const struct session_ring_text *text)
{
	session->whole = text && text->whole;
	session->named[0] = '\0';
	if (text)
		memcpy(session->named, text->named, WIRE_KEY_BYTES);
}

/* What is no statement: it touches nothing, moves to another database, or may do anything. */
static bool is_quiet_command(struct session_ring *session, const struct wire_event *event)
{
	static const char *const quiet[] = {"ping", "statistics", "init db", "set option", NULL};
	struct wire_text name = event->name;

	if (name.nbytes == 7 && memcmp(name.bytes, "init db", 7) == 0)
		move_to(session, event->text.bytes, event->text.nbytes);
	for (const char *const *word = quiet; *word; word++)
		if (strlen(*word) == name.nbytes && memcmp(*word, name.bytes, name.nbytes) == 0)
			return true;
	return false;
}

static void select_number(struct session_ring *session)
{
	uint64_t number;

	if ((sql[0] | ' ') != 's' || !mentions("select "))
		return;
	decimal_read(sql + 7, NULL, &number);
	session->selected = (uint32_t)number;
	session->moved = true;
}

static void enter_command(struct session_ring *session, const struct wire_event *event, struct session_ring_sent *sent)
{
	if (!observe_lock())
		return;
	keep_text(event->text);
	sent->statement = session_command_enter(sql, event->nparameters);
	sent->counts = session_command_counts(sql);
	select_number(session);
	observe_unlock();
	sent->row = row_of_command(event->text);
}

static void enter_statement(struct session_ring *session, const struct wire_event *event, struct session_ring_sent *sent)
{
	struct session_ring_text own;
	const struct session_ring_text *text = &own;

	if (event->act == WIRE_QUERY)
		enter(session, event->text, &own);
	else
		text = text_of(session, event->source);
	sent->statement = text ? text->statement : 0;
	sent->quiet = event->act == WIRE_PREPARE || (event->act == WIRE_COMMAND && is_quiet_command(session, event));
	if (event->act == WIRE_QUERY || session->wire.protocol == WIRE_MYSQL)
		name_rows(session, text);
	if (event->act == WIRE_QUERY || session->wire.protocol == WIRE_POSTGRES)
		fill_row(session);
}

/* One that finds no room makes the session lost: what it does is not known. */
static void note_statement(struct session_ring *session, const struct wire_event *event)
{
	if (event->act == WIRE_PREPARE)
		prepare(session, event->text);
	if (event->act == WIRE_BIND)
		name_rows(session, text_of(session, event->source));
	if (event->act == WIRE_BIND || session->wire.protocol == WIRE_MYSQL)
		memset(&session->parameters, 0, sizeof session->parameters);
	if (event->statement == 0)
		return;
	if (session->nsent == SESSION_RING_QUEUE) {
		session->lost = true;
		return;
	}
	struct session_ring_sent *sent = &session->sent[session->nsent++];
	uint64_t text = event->text.hash ? event->text.hash : event->source;
	*sent = (struct session_ring_sent){.number = event->statement, .site = session->site};
	sent->written = (int32_t)hash_bytes(text, &event->parameters, sizeof event->parameters) | 1;
	if (is_redis(session))
		enter_command(session, event, sent);
	else
		enter_statement(session, event, sent);
}

/* As session_reply.c has them. */
static uint32_t code_of(const struct wire_event *event)
{
	if (strncmp(event->code, "40", 2) == 0 || strcmp(event->code, "55P03") == 0 ||
		event->number == MYSQL_LOCK_TIMEOUT || event->number == MYSQL_LOCK_NOWAIT)
		return ABI_SQLITE_BUSY;
	return strncmp(event->code, "23", 2) == 0 ? ABI_CONSTRAINT : 1;
}

static void note_result(struct session_ring *session, const struct wire_event *event)
{
	uint32_t i = 0;

	while (i < session->nsent && session->sent[i].number != event->statement)
		i++;
	if (i == session->nsent)
		return;
	struct session_ring_sent *sent = &session->sent[i];
	sent->answered = true;
	sent->changes += (uint32_t)event->affected;
	sent->rows |= event->rows > 0;
	sent->nothing |= event->status == WIRE_NULL;
	sent->waits |= event->status == WIRE_QUEUED;
	if (event->status == WIRE_ERROR)
		sent->code = code_of(event);
}

static uint32_t changes_of(const struct session_ring *session, const struct session_ring_sent *sent, uint8_t kind)
{
	if (!is_redis(session) || sent->counts || kind == STATEMENT_UNKNOWN)
		return sent->changes;
	return kind == STATEMENT_WRITE && !sent->code && !sent->nothing;
}

/* How a statement changes rows: as its first word says. 0: it does not, or that is not known. */
static int change_of(const struct session_ring *session, const struct statement *statement)
{
	const char *text = control->text + statement->text;

	if (is_redis(session))
		return session_command_inserts(text) ? 'i' : 'u';
	switch (*text | ' ') {
	case 'i': return 'i';
	case 'u': return 'u';
	case 'd': return 'd';
	default: return 0;
	}
}

static void write_row(const struct session_ring *session, const struct session_ring_sent *sent)
{
	const struct statement *statement = &control->statements[sent->statement];
	int change = change_of(session, statement);
	uint64_t row = change == 'i' ? (uint64_t)(uint32_t)sent->written : sent->row;

	if (row == 0 || change == 0 || sent->code || statement->ntables != 1)
		return;
	struct ring_event event = {.kind = RING_ROW, .object = session->database, .second = sent->statement,
		.site = statement->tables[0].table, .argument = row, .result = change};
	observe_write(&event);
}

static void write_transaction(struct session_ring *session, const struct session_ring_sent *sent, bool idle, uint32_t changes)
{
	uint8_t kind = control->statements[sent->statement].kind;
	uint32_t code = sent->code ? sent->code : is_redis(session) && idle && sent->nothing &&
		session->transaction != WIRE_IDLE ? ABI_SQLITE_BUSY : 0;
	bool undone = code || kind == STATEMENT_ROLLBACK || session->transaction == WIRE_FAILED;
	bool ended = idle && (session->transaction != WIRE_IDLE || changes > 0);
	int what = (idle ? RING_AUTOCOMMIT : 2) | (ended ? undone ? RING_ROLLED_BACK : RING_COMMITTED : 0) | (code ? RING_FAILED : 0);
	struct ring_event event = {.kind = RING_TRANSACTION, .object = session->database, .second = session->object,
		.argument = sent->statement, .site = code ? code : sent->rows ? ABI_SQLITE_ROW : ABI_SQLITE_OK,
		.result = what | (int32_t)(changes < 1 << 20 ? changes : 1 << 20) << RING_CHANGES_SHIFT};

	observe_write(&event);
}

/* `idle`: it is over, and no transaction goes on. */
static void write_statement(struct session_ring *session, const struct session_ring_sent *sent, bool idle)
{
	uint8_t kind = control->statements[sent->statement].kind;
	uint32_t changes = changes_of(session, sent, kind);
	struct ring_event event = {.op = OP_DB_STATEMENT, .object = session->database, .second = session->object,
		.argument = sent->statement, .site = sent->site,
		.result = kind == STATEMENT_READ ? (int32_t)sent->row : kind == STATEMENT_WRITE ? sent->written : 0};

	observe_write(&event);
	if (changes > 0 && kind == STATEMENT_WRITE)
		write_row(session, sent);
	write_transaction(session, sent, idle, changes);
}

/* Within MULTI nothing is done yet; what EXEC does may be anything. */
static bool is_put_off(struct session_ring *session, struct session_ring_sent *sent, bool idle)
{
	if (!is_redis(session))
		return false;
	if (idle && session->waiting) {
		sent->statement = 0;
		session->waiting = false;
	}
	session->waiting |= sent->waits;
	return sent->waits;
}

static bool ends_transaction(const struct session_ring_sent *sent)
{
	uint8_t kind = control->statements[sent->statement].kind;

	return (kind == STATEMENT_COMMIT || kind == STATEMENT_ROLLBACK) && !sent->code;
}

static void move(struct session_ring *session)
{
	if (session->next[0])
		memcpy(session->wire.database, session->next, WIRE_NAME_BYTES);
	session->next[0] = '\0';
	session->moved = false;
	name_database(session);
}

/* All of the request is done; statements that follow each other in it are in one transaction, whatever ends it. */
static void write_reply(struct session_ring *session, enum wire_transaction after)
{
	uint32_t last = session->nsent, n = 0;

	while (last > 0 && !session->sent[last - 1].answered)
		last--;
	for (uint32_t i = 0; i < last; i++) {
		struct session_ring_sent *sent = &session->sent[i];
		bool idle = i + 1 == last ? after == WIRE_IDLE : ends_transaction(sent);
		if (!sent->answered || is_put_off(session, sent, idle))
			continue;
		if (!sent->quiet && session->database && observe_is_on())
			write_statement(session, sent, idle);
		session->transaction = idle ? WIRE_IDLE : i + 1 == last ? after : WIRE_IN_TRANSACTION;
	}
	for (uint32_t i = last; i < session->nsent; i++)
		session->sent[n++] = session->sent[i];
	session->nsent = n;
	if (session->moved)
		move(session);
}

static void tell(void *context, const struct wire_event *event)
{
	struct session_ring *session = context;

	switch (event->kind) {
	case WIRE_STATEMENT: note_statement(session, event); break;
	case WIRE_PARAMETER: wire_key_note(&session->parameters, event, session->wire.protocol == WIRE_POSTGRES); break;
	case WIRE_REQUEST: fill_row(session); break;
	case WIRE_SESSION: name_database(session); break;
	case WIRE_RESULT: note_result(session, event); break;
	case WIRE_REPLY: write_reply(session, event->transaction); break;
	case WIRE_LEFT:
		session->encrypted = event->state == WIRE_ENCRYPTED;
		session->lost = session->database && (event->state == WIRE_LOST || event->state == WIRE_UNSUPPORTED);
		break;
	default: break;
	}
}

static struct wire_visitor visitor_of(struct session_ring *session)
{
	return (struct wire_visitor){tell, session};
}

void session_ring_open(struct session_ring *session, enum wire_protocol protocol, uint64_t object, const char *address)
{
	memset(session, 0, offsetof(struct session_ring, wire));
	session->object = object;
	memcpy(session->address, address, strnlen(address, SESSION_RING_ADDRESS_BYTES - 1));
	wire_open(&session->wire, protocol);
}

void session_ring_sent(struct session_ring *session, const void *bytes, size_t nbytes, uint64_t site)
{
	session->site = site;
	wire_sent(&session->wire, bytes, nbytes, visitor_of(session));
}

void session_ring_received(struct session_ring *session, const void *bytes, size_t nbytes)
{
	wire_received(&session->wire, bytes, nbytes, visitor_of(session));
}

void session_ring_close(struct session_ring *session)
{
	struct session_ring_sent rollback = {.site = session->site};

	if (session->transaction == WIRE_IDLE || is_redis(session) || !session->database || !observe_is_on() || !observe_lock())
		return;
	rollback.statement = session_statement_enter("ROLLBACK", true);
	observe_unlock();
	write_statement(session, &rollback, true);
	session->transaction = WIRE_IDLE;
}
