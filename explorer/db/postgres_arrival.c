/*
 * Databases of PostgreSQL that the command makes (arrival.h), seen from the database `postgres`, which is there for such
 * connections. Not from template1: nobody can make a database while others are connected to that.
 */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgres.h"

enum { SQL_BYTES = 512 };

/* The database that the URL names; NULL: none. */
static char *name_of(const char *url)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	char *name = NULL;

	for (const PQconninfoOption *option = options; option && option->keyword; option++)
		if (strcmp(option->keyword, "dbname") == 0 && option->val)
			name = strdup(option->val);
	PQconninfoFree(options);
	return name;
}

/* The last value of a parameter counts. */
static struct server *connect_beside(const char *url, struct complaint *complaint)
{
	const char *const names[] = {"dbname", "dbname", NULL}, *const values[] = {url, "postgres", NULL};

	return postgres_begin(PQconnectdbParams(names, values, 1), complaint);
}

static int keep_name(struct server *server, char *name)
{
	server->name = name;
	server->literal = PQescapeLiteral(server->connection, name, strlen(name));
	server->identifier = PQescapeIdentifier(server->connection, name, strlen(name));
	return server->literal && server->identifier && strlen(name) < SQL_BYTES / 4 ? 0 : -1;
}

static int64_t number(struct server *server)
{
	char sql[SQL_BYTES];

	snprintf(sql, sizeof sql, "SELECT coalesce((SELECT oid FROM pg_database WHERE datname = %s), 0)", server->literal);
	return postgres_number(server, sql, NULL);
}

/* One campaign at a time. */
static int take(struct server *server, struct complaint *complaint)
{
	char sql[SQL_BYTES];

	snprintf(sql, sizeof sql, "SELECT pg_try_advisory_lock(hashtextextended('" POSTGRES_COPY " of ' || %s, 0))::int",
		server->literal);
	long taken = postgres_lock(server, sql, complaint);
	if (taken == 0)
		snprintf(complaint->text, sizeof complaint->text, "another race is working on the database %s", server->name);
	return taken == 1 ? 0 : -1;
}

static struct server *open_beside(const char *url, struct complaint *complaint)
{
	char *name = name_of(url);
	struct complaint unused;
	struct server *server = name ? connect_beside(url, &unused) : NULL;

	if (server && keep_name(server, name) == 0 && number(server) == 0 && take(server, complaint) == 0)
		return server;
	if (server)
		postgres_finish(server);
	else
		free(name);
	return NULL;
}

static int drop(struct server *server, struct complaint *complaint)
{
	char sql[SQL_BYTES];

	snprintf(sql, sizeof sql, "DROP DATABASE %s", server->identifier);
	return postgres_run(server, sql, complaint);
}

static int32_t session(struct server *server)
{
	return PQbackendPID(server->connection);
}

const struct adapter_arrival postgres_arrival = {
	.open = open_beside,
	.number = number,
	.prepare = postgres_victim_arrive,
	.end = postgres_end_sessions,
	.drop = drop,
	.session = session,
};

#endif
