#include "session_name.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "control.h"
#include "network.h"
#include "session_arrival.h"
#include "session_request.h"
#include "sqlite_statement.h"

/* By which databases are made that the program makes itself. */
#define POSTGRES_BESIDE "postgres"

static enum database_server server_of(uint32_t protocol)
{
	return protocol == WIRE_POSTGRES ? DATABASE_SERVER_POSTGRES : protocol == WIRE_MYSQL ? DATABASE_SERVER_MYSQL :
		DATABASE_SERVER_REDIS;
}

static bool is_at(const struct database_peer *left, const struct database_peer *right)
{
	return left->protocol == right->protocol && left->naddress == right->naddress &&
		memcmp(left->address, right->address, left->naddress) == 0;
}

/* In small letters, whatever the text has. */
static bool is_word(struct wire_text text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++) {
		char c = i < text.nbytes ? text.bytes[i] : '\0';
		if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != word[i])
			return false;
	}
	return text.nbytes == n;
}

/* Views of MySQL's server: there is nothing to put back. */
static bool is_of_server(const struct database_peer *peer, const char *name)
{
	struct wire_text text = {.bytes = name, .nbytes = (uint32_t)strlen(name)};

	return peer->protocol == WIRE_MYSQL && (is_word(text, "information_schema") || is_word(text, "performance_schema"));
}

/* Names are kept up to a length. */
static bool is_called(const struct database_peer *peer, const char *name)
{
	const char *known = control->text + peer->database;

	return !*known || strncmp(known, name, WIRE_NAME_BYTES - 1) == 0;
}

/* The peer that has this database of the session's server; npeers: none. */
static uint32_t find(const struct database_session *session, const char *name)
{
	const struct database_peer *peer = &control->peers[session->peer];
	uint32_t i = 0;

	while (i < control->npeers && !(is_at(&control->peers[i], peer) && is_called(&control->peers[i], name)))
		i++;
	return i;
}

static _Noreturn void refuse(const struct database_session *session, const char *name)
{
	const struct database_peer *peer = &control->peers[session->peer];

	network_refuse_database((const struct sockaddr *)peer->address, peer->naddress, name, server_of(peer->protocol));
}

static void demand(const struct database_session *session, const char *name)
{
	if (network_watches_databases() && session->peer < control->npeers && find(session, name) == control->npeers &&
		!is_of_server(&control->peers[session->peer], name))
		refuse(session, name);
}

/* Is one of the databases that --db names of this server made by the program? */
static bool has_arrival(const struct database_session *session)
{
	for (uint32_t i = 0; i < control->npeers; i++)
		if (control->peers[i].arrives && is_at(&control->peers[i], &control->peers[session->peer]))
			return true;
	return false;
}

static bool copy_name(char name[WIRE_NAME_BYTES], const char *bytes, uint32_t nbytes)
{
	size_t n = nbytes < WIRE_NAME_BYTES - 1 ? nbytes : WIRE_NAME_BYTES - 1;

	if (n > 0)
		memcpy(name, bytes, n);
	name[n] = '\0';
	return n > 0;
}

/* From now on the session works on the database of this name. */
static void enter(struct database_session *session, const char *bytes, uint32_t nbytes)
{
	char name[WIRE_NAME_BYTES];

	if (session->peer >= control->npeers || !copy_name(name, bytes, nbytes))
		return;
	session->beside = session->wire.protocol == WIRE_POSTGRES && strcmp(name, POSTGRES_BESIDE) == 0 && has_arrival(session) &&
		find(session, name) == control->npeers;
	if (!session->beside)
		demand(session, name);
}

void session_name_login(struct database_session *session, const struct wire_event *event)
{
	if (session->wire.protocol != WIRE_RESP)
		enter(session, event->text.bytes, event->text.nbytes);
}

/* Commands that are about no database, or about none yet. */
static bool is_general(struct wire_text command)
{
	static const char *const commands[] = {"select", "auth", "hello", "client", "ping", "echo", "quit", "reset", "command",
		"info", "config", "time", "role", "script", "acl", "wait", "publish", "subscribe", "unsubscribe", "psubscribe",
		"punsubscribe", "readonly", "multi", "discard", "unwatch"};

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (is_word(command, commands[i]))
			return true;
	return false;
}

/* USE name, quoted or not. */
static void enter_used(struct database_session *session, struct wire_text text)
{
	uint32_t at = 0, end;
	bool quoted;

	while (at < text.nbytes && strchr(" \t\r\n", text.bytes[at]))
		at++;
	struct wire_text verb = {.bytes = text.bytes + at, .nbytes = text.nbytes - at < 3 ? text.nbytes - at : 3};
	if (!is_word(verb, "use") || at + 3 >= text.nbytes || !strchr(" \t\r\n`", text.bytes[at + 3]))
		return;
	for (at += 3; at < text.nbytes && strchr(" \t\r\n", text.bytes[at]);)
		at++;
	quoted = at < text.nbytes && text.bytes[at] == '`';
	at += quoted;
	for (end = at; end < text.nbytes && !strchr(quoted ? "`" : " \t\r\n;", text.bytes[end]);)
		end++;
	enter(session, text.bytes + at, end - at);
}

/* A database as a whole comes or goes; what else is said beside them must leave nothing there. */
static void follow(struct database_session *session, const struct session_arrival *arrival, struct session_request *request)
{
	uint32_t peer = arrival->act == SESSION_ARRIVAL_OTHER ? control->npeers : find(session, arrival->name);
	bool arrives = peer < control->npeers && control->peers[peer].arrives;

	if (arrives && (arrival->act == SESSION_ARRIVAL_MAKES || arrival->act == SESSION_ARRIVAL_REPLACES))
		request->makes = peer + 1;
	if (arrives && (arrival->act == SESSION_ARRIVAL_DROPS || arrival->act == SESSION_ARRIVAL_REPLACES))
		request->drops = peer + 1;
	if (arrival->act != SESSION_ARRIVAL_OTHER)
		demand(session, arrival->name);
	else if (session->beside && !arrival->looks && network_watches_databases())
		refuse(session, POSTGRES_BESIDE);
}

/* Of a text that is too long the rest is not seen: it looks as far as it does. */
static void follow_all(struct database_session *session, struct wire_text text, struct session_request *request)
{
	static char kept[WIRE_KEPT_BYTES + 1], normal[SQLITE_TEXT_BYTES]; /* only the turn holder reads requests */
	uint32_t nbytes = text.nbytes < WIRE_KEPT_BYTES ? text.nbytes : WIRE_KEPT_BYTES;

	if (nbytes == 0 || session->peer >= control->npeers)
		return;
	memcpy(kept, text.bytes, nbytes);
	kept[nbytes] = '\0';
	sqlite_statement_normalise(kept, normal);
	struct session_arrival arrival = {.at = normal, .protocol = (enum wire_protocol)session->wire.protocol};
	while (session_arrival_next(&arrival))
		follow(session, &arrival, request);
}

void session_name_statement(struct database_session *session, const struct wire *wire, const struct wire_event *event,
	struct session_request *request)
{
	if (wire->protocol == WIRE_RESP && !is_general(event->name))
		demand(session, wire->database[0] ? wire->database : "0");
	else if (wire->protocol == WIRE_MYSQL && event->act == WIRE_COMMAND && is_word(event->name, "init db"))
		enter(session, event->text.bytes, event->text.nbytes);
	else if (wire->protocol == WIRE_MYSQL && event->act == WIRE_QUERY)
		enter_used(session, event->text);
	if (wire->protocol != WIRE_RESP && (event->act == WIRE_QUERY || event->act == WIRE_PREPARE))
		follow_all(session, event->text, request);
}
