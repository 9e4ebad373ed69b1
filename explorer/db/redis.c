/*
 * The adapter for Redis. A command is one step of the server, and waits for nobody; but BLPOP and its like wait until
 * another client gives them something.
 */
#if __has_include(<hiredis/hiredis.h>)

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "redis.h"
#include "url.h"

enum { LEAST_VERSION = 7, DRAIN_ROUNDS = 50, DEFAULT_PORT = 6379, TEXT_BYTES = 300 };

static void complain(struct complaint *complaint, const char *what)
{
	const char *remedy = "";

	if (strncmp(what, "NOAUTH", 6) == 0 || strncmp(what, "WRONGPASS", 9) == 0)
		remedy = "; the URL must have the right user and password (user=, password=)";
	else if (strncmp(what, "NOPERM", 6) == 0)
		remedy = "; the user needs +@all on all keys: ACL SETUSER NAME allkeys +@all";
	if (complaint)
		snprintf(complaint->text, sizeof complaint->text, "Redis: %.200s%s", what, remedy);
}

/* hiredis writes to a server that may be gone, and its SIGPIPE would be the end of race: the error is enough. */
static redisReply *command(struct server *server, const char *format, va_list arguments)
{
	struct sigaction ignored = {.sa_handler = SIG_IGN}, before;

	sigaction(SIGPIPE, &ignored, &before);
	redisReply *reply = redisvCommand(server->connection, format, arguments);
	sigaction(SIGPIPE, &before, NULL);
	return reply;
}

static redisReply *ask(struct server *server, struct complaint *complaint, const char *format, va_list arguments)
{
	redisReply *reply = command(server, format, arguments);

	if (reply && reply->type != REDIS_REPLY_ERROR)
		return reply;
	complain(complaint, reply ? reply->str : server->connection->errstr);
	if (reply)
		freeReplyObject(reply);
	return NULL;
}

redisReply *redis_ask(struct server *server, struct complaint *complaint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	redisReply *reply = ask(server, complaint, format, arguments);
	va_end(arguments);
	return reply;
}

long long redis_number(struct server *server, struct complaint *complaint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	redisReply *reply = ask(server, complaint, format, arguments);
	va_end(arguments);
	long long number = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
	if (reply)
		freeReplyObject(reply);
	return number;
}

/* A command of which only the success counts. */
#define TRY(...) try_reply(redis_ask(__VA_ARGS__))

static int try_reply(redisReply *reply)
{
	if (!reply)
		return -1;
	freeReplyObject(reply);
	return 0;
}

static int join(struct server *server, const struct url *url, struct complaint *complaint)
{
	const struct timeval patience = {.tv_sec = 10};
	const char *host = url->host[0] ? url->host : "127.0.0.1";

	server->connection = url->socket[0] ? redisConnectUnixWithTimeout(url->socket, patience) :
		redisConnectWithTimeout(host, url->port ? url->port : DEFAULT_PORT, patience);
	if (!server->connection || server->connection->err) {
		snprintf(complaint->text, sizeof complaint->text, "Redis: %.100s: is the server running, and does it answer at %.150s?",
			server->connection ? server->connection->errstr : "not enough memory", url->socket[0] ? url->socket : host);
		return -1;
	}
	if (url->user[0])
		return TRY(server, complaint, "AUTH %s %s", url->user, url->password);
	return url->password[0] ? TRY(server, complaint, "AUTH %s", url->password) : 0;
}

/* The value of a line `name:value` of INFO; empty: there is none. */
static void info(struct server *server, const char *section, const char *name, char *value, size_t nbytes)
{
	redisReply *reply = redis_ask(server, NULL, "INFO %s", section);
	const char *at = reply && reply->str ? strstr(reply->str, name) : NULL;

	value[0] = '\0';
	if (at) {
		at += strlen(name) + 1;
		snprintf(value, nbytes, "%.*s", (int)strcspn(at, "\r\n"), at);
	}
	if (reply)
		freeReplyObject(reply);
}

static int inspect(struct server *server, struct complaint *complaint)
{
	char version[64];

	if (TRY(server, complaint, "PING") < 0 || TRY(server, complaint, "SELECT %d", server->database) < 0)
		return -1;
	info(server, "server", "redis_version", version, sizeof version);
	if (atoi(version) >= LEAST_VERSION)
		return 0;
	snprintf(complaint->text, sizeof complaint->text, "the server is Redis %s: race needs 7.0 or newer", version);
	return -1;
}

/* One campaign at a time has the database: its connection has a name. Of two that come at once neither gets it. */
static int take(struct server *server, struct complaint *complaint)
{
	char name[64];

	snprintf(name, sizeof name, "name=race:%d ", server->database);
	server->id = redis_number(server, complaint, "CLIENT ID");
	if (server->id < 0 || TRY(server, complaint, "CLIENT SETNAME race:%d", server->database) < 0)
		return -1;
	redisReply *reply = redis_ask(server, complaint, "CLIENT LIST");
	const char *first = reply ? strstr(reply->str, name) : NULL;
	bool alone = first && !strstr(first + 1, name);
	if (reply && !alone)
		snprintf(complaint->text, sizeof complaint->text, "another race is working on the database %d", server->database);
	if (reply)
		freeReplyObject(reply);
	return alone ? redis_mend(server, complaint) : -1;
}

static void finish(struct server *server)
{
	if (server->connection)
		redisFree(server->connection);
	free(server);
}

static struct server *server_open(const char *text, struct complaint *complaint)
{
	const char *wrong;
	struct url url;
	char *end = NULL;

	bool is_url = url_read(&url, text, &wrong);
	long database = is_url ? strtol(url.database, &end, 10) : 0;
	if (!is_url || *end || database < 0 || database > 1000000) {
		snprintf(complaint->text, sizeof complaint->text, "the URL %.150s %s; it is like redis:///NUMBER?socket=FILE or "
			"redis://:PASSWORD@HOST:PORT/NUMBER", text, is_url ? "has a database that is no number" : wrong);
		return NULL;
	}
	struct server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	server->database = (int)database;
	server->copy = -1;
	if (join(server, &url, complaint) == 0 && inspect(server, complaint) == 0 && take(server, complaint) == 0)
		return server;
	finish(server);
	return NULL;
}

/* This run of the server, and the database: a copy of its file elsewhere is of another run, and so is its next start. */
static int identity(struct server *server, char *text, size_t nbytes)
{
	char run[64];

	info(server, "server", "run_id", run, sizeof run);
	snprintf(text, nbytes, "%s %d", run, server->database);
	return run[0] ? 0 : -1;
}

static bool server_is_test(struct server *server, struct complaint *complaint)
{
	char own[128];

	complaint->text[0] = '\0';
	long long n = redis_number(server, complaint, "DBSIZE");
	redisReply *reply = n > 0 && identity(server, own, sizeof own) == 0 ? redis_ask(server, NULL, "GET " REDIS_MARKER) : NULL;
	bool test = n == 0 || (reply && reply->type == REDIS_REPLY_STRING && strcmp(reply->str, own) == 0);
	if (reply)
		freeReplyObject(reply);
	if (!test && !complaint->text[0])
		snprintf(complaint->text, sizeof complaint->text, "the database %d is not empty and not marked for testing since the server "
			"was started: exploring destroys what is in it; --db-force explores it all the same", server->database);
	return test;
}

static int server_mark(struct server *server, struct complaint *complaint)
{
	char own[128];

	if (identity(server, own, sizeof own) < 0) {
		snprintf(complaint->text, sizeof complaint->text, "INFO doesn't tell the server's run_id");
		return -1;
	}
	return TRY(server, complaint, "SET " REDIS_MARKER " %s", own);
}

static void server_advise(struct server *server, advice_say *say, void *state)
{
	struct complaint complaint = {""};
	char value[64], text[TEXT_BYTES];

	info(server, "server", "redis_version", value, sizeof value);
	snprintf(text, sizeof text, "Redis %s, database %d", value, server->database);
	say(state, ADVICE_GOOD, "server", text);
	if (redis_claim(server, &complaint) == 0 && redis_drop_copy(server, &complaint) == 0)
		say(state, ADVICE_GOOD, "start state", "there is a free database to keep it in");
	else
		say(state, ADVICE_BAD, "start state", complaint.text);
	info(server, "persistence", "aof_enabled", value, sizeof value);
	if (strcmp(value, "1") == 0)
		say(state, ADVICE_NOTE, "appendonly", "not no: each command is written to a file");
}

static const char *server_database(struct server *server)
{
	static char number[16];

	snprintf(number, sizeof number, "%d", server->database);
	return number;
}

static bool server_address(struct server *server, void *address, uint32_t *nbytes)
{
	socklen_t length = *nbytes;

	if (getpeername(server->connection->fd, address, &length) < 0 || length > *nbytes)
		return false;
	*nbytes = length;
	return true;
}

/* Is there a client that came after ours? */
static bool has_newer(struct server *server)
{
	redisReply *reply = redis_ask(server, NULL, "CLIENT LIST TYPE normal");
	bool newer = false;

	for (const char *line = reply ? reply->str : NULL; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		newer = newer || (strncmp(line, "id=", 3) == 0 && strtoll(line + 3, NULL, 10) > server->id);
	if (reply)
		freeReplyObject(reply);
	return newer;
}

/*
 * Clients of an execution are gone with its processes, but the server may still have to read what they sent last. It
 * reads of each in every round, so that a client that stays is idle after some; it isn't ended, as it may be a stranger.
 */
static int server_reset(struct server *server, const int32_t *backends, uint32_t nbackends, struct complaint *complaint)
{
	for (uint32_t i = 0; i < nbackends; i++)
		if (backends[i] > 0)
			redis_number(server, NULL, "CLIENT KILL ID %d", backends[i]);
	for (int round = 0; round < DRAIN_ROUNDS && has_newer(server); round++)
		;
	return redis_put_back(server, complaint);
}

/* Does a line of CLIENT LIST tell of a client of the database that waits in BLPOP or its like? */
static bool is_waiting(const char *line, int database)
{
	char at_database[32];
	size_t length = strcspn(line, "\n");
	const char *flags = memmem(line, length, " flags=", 7);

	snprintf(at_database, sizeof at_database, " db=%d ", database);
	if (!flags || !memmem(line, length, at_database, strlen(at_database)))
		return false;
	flags += 7;
	return memchr(flags, 'b', strcspn(flags, " ")) != NULL;
}

/* Its command is there before the second of our rounds, and either done by then or waiting. 0: no number is known of it. */
static int server_is_blocked(struct server *server, int32_t backend, const int32_t *backends, uint32_t nbackends)
{
	bool waiting = false;

	(void)backends;
	(void)nbackends;
	if (TRY(server, NULL, "PING") < 0)
		return -1;
	redisReply *reply = backend > 0 ? redis_ask(server, NULL, "CLIENT LIST ID %d", backend) :
		redis_ask(server, NULL, "CLIENT LIST TYPE normal");
	for (const char *line = reply ? reply->str : NULL; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		waiting = waiting || is_waiting(line, server->database);
	if (!reply)
		return -1;
	freeReplyObject(reply);
	return waiting;
}

static int32_t number_of(const char *line)
{
	return strncmp(line, "id=", 3) == 0 ? (int32_t)strtol(line + 3, NULL, 10) : 0;
}

static bool is_among(int32_t number, const int32_t *numbers, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static int32_t server_identify(struct server *server, const int32_t *backends, uint32_t nbackends)
{
	redisReply *reply = redis_ask(server, NULL, "CLIENT LIST TYPE normal");
	int32_t found = 0, n = 0;

	for (const char *line = reply ? reply->str : NULL; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (!is_waiting(line, server->database) || is_among(number_of(line), backends, nbackends))
			continue;
		found = number_of(line);
		n++;
	}
	if (reply)
		freeReplyObject(reply);
	return n == 1 ? found : 0;
}

/* Two that begin to wait in different databases, or whose numbers aren't known, wait as long as the server says. */
static int server_expire(struct server *server, int32_t backend)
{
	return backend > 0 && redis_number(server, NULL, "CLIENT UNBLOCK %d TIMEOUT", backend) == 1 ? 0 : -1;
}

static int server_settle(struct server *server, const int32_t *flying, uint32_t nflying, const int32_t *backends,
	uint32_t nbackends)
{
	(void)flying;
	(void)nflying;
	(void)backends;
	(void)nbackends;
	return TRY(server, NULL, "PING") < 0 || TRY(server, NULL, "PING") < 0 ? -1 : 0;
}

static void server_close(struct server *server)
{
	if (!server)
		return;
	redis_drop_copy(server, NULL);
	finish(server);
}

const struct adapter adapter_redis = {
	.scheme = "redis",
	.protocol = WIRE_RESP,
	.open = server_open,
	.database = server_database,
	.is_test = server_is_test,
	.mark = server_mark,
	.advise = server_advise,
	.address = server_address,
	.keep = redis_keep,
	.reset = server_reset,
	.image = redis_image,
	.is_blocked = server_is_blocked,
	.settle = server_settle,
	.identify = server_identify,
	.expire = server_expire,
	.close = server_close,
};

#endif
