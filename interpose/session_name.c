#include "session_name.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "control.h"
#include "network.h"

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

static void demand(const struct database_session *session, const char *name)
{
	const struct database_peer *peer = &control->peers[session->peer];

	if (!network_watches_databases() || session->peer >= control->npeers || is_of_server(peer, name))
		return;
	for (uint32_t i = 0; i < control->npeers; i++)
		if (is_at(&control->peers[i], peer) && is_called(&control->peers[i], name))
			return;
	network_refuse_database((const struct sockaddr *)peer->address, peer->naddress, name, server_of(peer->protocol));
}

static void demand_text(const struct database_session *session, const char *bytes, uint32_t nbytes)
{
	char name[WIRE_NAME_BYTES];
	size_t n = nbytes < sizeof name - 1 ? nbytes : sizeof name - 1;

	if (n == 0)
		return;
	memcpy(name, bytes, n);
	name[n] = '\0';
	demand(session, name);
}

void session_name_login(const struct database_session *session, const struct wire_event *event)
{
	if (session->wire.protocol != WIRE_RESP)
		demand_text(session, event->text.bytes, event->text.nbytes);
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
static void demand_used(const struct database_session *session, struct wire_text text)
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
	demand_text(session, text.bytes + at, end - at);
}

void session_name_statement(const struct database_session *session, const struct wire *wire, const struct wire_event *event)
{
	if (wire->protocol == WIRE_RESP && !is_general(event->name))
		demand(session, wire->database[0] ? wire->database : "0");
	else if (wire->protocol == WIRE_MYSQL && event->act == WIRE_COMMAND && is_word(event->name, "init db"))
		demand_text(session, event->text.bytes, event->text.nbytes);
	else if (wire->protocol == WIRE_MYSQL && event->act == WIRE_QUERY)
		demand_used(session, event->text);
}
