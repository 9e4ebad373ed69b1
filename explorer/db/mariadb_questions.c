#if __has_include(<mariadb/mysql.h>)

#include "mariadb_questions.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Statements that change definitions or empty tables, of all sessions, ended ones included. Naming them is quicker. */
#define CHANGES_OF(how) \
	"'Com_" how "_db', 'Com_" how "_event', 'Com_" how "_function', 'Com_" how "_index', 'Com_" how "_package'," \
	"'Com_" how "_package_body', 'Com_" how "_procedure', 'Com_" how "_sequence', 'Com_" how "_table'," \
	"'Com_" how "_trigger', 'Com_" how "_view'"
#define DEFINITIONS \
	"SELECT @@GLOBAL.event_scheduler = 'ON';" \
	"SHOW GLOBAL STATUS WHERE Variable_name IN (" CHANGES_OF("create") ", " CHANGES_OF("alter") "," \
	CHANGES_OF("drop") ", 'Com_rename_table', 'Com_truncate', 'Slaves_running')"

void mariadb_hear(struct server *server, uint64_t nasked, bool plain)
{
	server->nasked += nasked;
	server->unclear = server->unclear || !plain;
}

void mariadb_questions_settle(struct server *server)
{
	server->unclear = false;
}

/* 0: it can't be told. */
static uint64_t count(struct server *server)
{
	static const char name[] = "Questions: ";
	const char *text = mysql_stat(server->connection), *at = text ? strstr(text, name) : NULL;

	return at ? strtoull(at + sizeof name - 1, NULL, 10) : 0;
}

bool mariadb_questions_are_known(struct server *server)
{
	uint64_t now = count(server);
	bool known = now > 0 && now == server->nasked && !server->unclear && !server->driven;

	server->nasked = now;
	server->unclear = !known;
	return known;
}

/* Events and what comes from another server ask nothing, and do much. */
static long long read_status(struct server *server, MYSQL_RES *scheduler, MYSQL_RES *status)
{
	MYSQL_ROW row = scheduler ? mysql_fetch_row(scheduler) : NULL;
	long long n = 0;

	server->driven = !row || !row[0] || *row[0] != '0';
	while (status && (row = mysql_fetch_row(status)))
		if (strcasecmp(row[0], "Slaves_running") != 0)
			n += strtoll(row[1], NULL, 10);
		else if (strcmp(row[1], "0") != 0)
			server->driven = true;
	return status ? n : -1;
}

static long long definitions_next(struct server *server)
{
	MYSQL_RES *scheduler = NULL, *status = NULL;
	long long n = -1;

	if (mariadb_next(server, NULL, &scheduler) == 1 && mariadb_next(server, NULL, &status) == 1)
		n = read_status(server, scheduler, status);
	mysql_free_result(scheduler);
	mysql_free_result(status);
	return n;
}

long long mariadb_definitions(struct server *server)
{
	if (mariadb_send(server, NULL, DEFINITIONS) < 0)
		return -1;
	long long n = definitions_next(server);
	return mariadb_drain(server) < 0 ? -1 : n;
}

#endif
