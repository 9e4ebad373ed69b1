/* Databases of MariaDB that the command makes (arrival.h), seen from a connection without a database. They have no numbers. */
#if __has_include(<mariadb/mysql.h>)

#include <stdio.h>
#include <string.h>

#include "mariadb.h"

enum { ESCAPED_BYTES = 2 * MARIADB_NAME_BYTES };

static void escape(struct server *server, char escaped[ESCAPED_BYTES])
{
	mysql_real_escape_string(server->connection, escaped, server->database, strlen(server->database));
}

static int64_t number(struct server *server)
{
	char escaped[ESCAPED_BYTES];

	escape(server, escaped);
	return mariadb_number(server, NULL, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '%s'", escaped);
}

/* One campaign at a time. What one has left that was killed would be taken for the start state of this one's. */
static int take(struct server *server, struct complaint *complaint)
{
	char escaped[ESCAPED_BYTES];

	escape(server, escaped);
	long long taken = mariadb_number(server, complaint, "SELECT GET_LOCK(CONCAT('race of ', MD5('%s')), 3)", escaped);
	int dirty = taken == 1 ? mariadb_is_dirty(server, complaint) : 0;
	if (taken == 0)
		snprintf(complaint->text, sizeof complaint->text, "another race is working on the database %.100s", server->database);
	if (dirty > 0)
		snprintf(complaint->text, sizeof complaint->text, "the database %.100s is not there, but the start state of it is "
			"that a campaign has left which was killed: %.150s; drop that", server->database, server->copy);
	return taken == 1 && dirty == 0 ? 0 : -1;
}

static struct server *open_beside(const char *url, struct complaint *complaint)
{
	struct complaint unused;
	struct server *server = mariadb_begin(url, true, &unused);

	if (server && number(server) == 0 && take(server, complaint) == 0)
		return server;
	if (server)
		mariadb_finish(server);
	return NULL;
}

static int drop(struct server *server, struct complaint *complaint)
{
	char quoted[MARIADB_QUOTED_BYTES];

	mariadb_quote(quoted, server->database);
	return mariadb_run(server, complaint, "DROP DATABASE %s", quoted);
}

static int32_t session(struct server *server)
{
	return (int32_t)mysql_thread_id(server->connection);
}

const struct adapter_arrival mariadb_arrival = {
	.open = open_beside,
	.number = number,
	.end = mariadb_end_sessions,
	.drop = drop,
	.session = session,
};

#endif
