/* The adapter for MariaDB: its connection, what it needs of the server, and which database may be used. */
#if __has_include(<mariadb/mysql.h>)

#include <mariadb/mysqld_error.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "mariadb_look.h"
#include "url.h"

enum { LEAST_VERSION = 100600, ADVICE_BYTES = 160 };

/* What can be done about an error. */
static const char *remedy(unsigned int error)
{
	switch (error) {
	case ER_ACCESS_DENIED_ERROR:
		return "; the URL's user and password must be right (user=, password=)";
	case 2002: /* CR_CONNECTION_ERROR */
	case 2003: /* CR_CONN_HOST_ERROR */
		return "; is the server running, and does it answer there (socket=FILE, or host and port)?";
	case ER_DBACCESS_DENIED_ERROR:
	case ER_TABLEACCESS_DENIED_ERROR:
		return "; the start state is kept in a database beside the program's, which the user must be allowed to make: "
			"GRANT ALL ON `%" MARIADB_COPY "`.* TO it";
	case ER_SPECIFIC_ACCESS_DENIED_ERROR:
		return "; who waits for whom needs the privilege PROCESS: GRANT PROCESS ON *.* TO it";
	default:
		return "";
	}
}

static void complain(struct server *server, struct complaint *complaint)
{
	if (complaint)
		snprintf(complaint->text, sizeof complaint->text, "MariaDB: %.200s%s", mysql_error(server->connection),
			remedy(mysql_errno(server->connection)));
}

void mariadb_quote(char *quoted, const char *name)
{
	char *to = quoted;

	*to++ = '`';
	for (; *name && to < quoted + MARIADB_QUOTED_BYTES - 4; name++) {
		if (*name == '`')
			*to++ = '`';
		*to++ = *name;
	}
	*to++ = '`';
	*to = '\0';
}

/* Sends a statement and takes the first result; -1 and a complaint. */
static int execute(struct server *server, struct complaint *complaint, const char *format, va_list arguments)
{
	char *sql;
	int length = vasprintf(&sql, format, arguments);

	if (length < 0)
		return -1;
	int code = mysql_real_query(server->connection, sql, (unsigned long)length);
	free(sql);
	server->nasked++;
	if (code != 0)
		complain(server, complaint);
	return code == 0 ? 0 : -1;
}

int mariadb_run(struct server *server, struct complaint *complaint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int code = execute(server, complaint, format, arguments);
	va_end(arguments);
	if (code == 0)
		mysql_free_result(mysql_store_result(server->connection));
	return code;
}

static MYSQL_RES *rows_of(struct server *server, struct complaint *complaint, const char *format, va_list arguments)
{
	MYSQL_RES *result = execute(server, complaint, format, arguments) == 0 ? mysql_store_result(server->connection) : NULL;

	if (!result && mysql_errno(server->connection))
		complain(server, complaint);
	return result;
}

MYSQL_RES *mariadb_query(struct server *server, struct complaint *complaint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	MYSQL_RES *result = rows_of(server, complaint, format, arguments);
	va_end(arguments);
	return result;
}

long long mariadb_number(struct server *server, struct complaint *complaint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	MYSQL_RES *result = rows_of(server, complaint, format, arguments);
	va_end(arguments);
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
	long long number = row && row[0] ? strtoll(row[0], NULL, 10) : -1;
	mysql_free_result(result);
	return number;
}

int mariadb_send(struct server *server, struct complaint *complaint, const char *statements)
{
	server->answered = false;
	if (mysql_real_query(server->connection, statements, strlen(statements)) == 0)
		return 0;
	server->unclear = true; /* how many were counted */
	complain(server, complaint);
	return -1;
}

int mariadb_next(struct server *server, struct complaint *complaint, MYSQL_RES **result)
{
	int code = server->answered ? mysql_next_result(server->connection) : 0;

	*result = NULL;
	if (code < 0)
		return 0;
	server->answered = true;
	server->nasked++;
	if (code == 0)
		*result = mysql_store_result(server->connection);
	if (code == 0 && (*result || mysql_field_count(server->connection) == 0))
		return 1;
	server->unclear = true;
	complain(server, complaint);
	return -1;
}

int mariadb_drain(struct server *server)
{
	MYSQL_RES *result;
	int code;

	while ((code = mariadb_next(server, NULL, &result)) == 1)
		mysql_free_result(result);
	return code;
}

static int join(struct server *server, const struct url *url, const char *database, struct complaint *complaint)
{
	unsigned int timeout_s = 10, socket = MYSQL_PROTOCOL_SOCKET;
	const char *host = url->host[0] ? url->host : "localhost";

	mysql_options(server->connection, MYSQL_OPT_CONNECT_TIMEOUT, &timeout_s);
	if (url->socket[0])
		mysql_options(server->connection, MYSQL_OPT_PROTOCOL, &socket);
	if (mysql_real_connect(server->connection, host, url->user[0] ? url->user : NULL,
		    url->password[0] ? url->password : NULL, database, url->port, url->socket[0] ? url->socket : NULL, 0))
		return 0;
	complain(server, complaint);
	return -1;
}

/* All that race does there must work: said now rather than in the middle of a campaign. */
static int inspect(struct server *server, struct complaint *complaint)
{
	unsigned long version = mysql_get_server_version(server->connection);

	if (!mariadb_connection(server->connection) || version < LEAST_VERSION) {
		snprintf(complaint->text, sizeof complaint->text, "the server is %s %.60s: race needs MariaDB 10.6 or newer",
			mariadb_connection(server->connection) ? "MariaDB" : "MySQL", mysql_get_server_info(server->connection));
		return -1;
	}
	if (strlen(server->database) + strlen(MARIADB_COPY) > 64) {
		snprintf(complaint->text, sizeof complaint->text, "the database's name is too long for the copy of its start state, "
			"which is called like it with " MARIADB_COPY " behind");
		return -1;
	}
	if (mysql_set_server_option(server->connection, MYSQL_OPTION_MULTI_STATEMENTS_ON) != 0) {
		complain(server, complaint);
		return -1;
	}
	/* no conversion of what is read; what the program was allowed to write may be written again */
	if (mariadb_run(server, complaint, "SET NAMES binary") < 0 ||
		mariadb_run(server, complaint, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES',"
			" time_zone = '+00:00', lock_wait_timeout = 20, innodb_lock_wait_timeout = 20, foreign_key_checks = 0,"
			" check_constraint_checks = 0, use_stat_tables = 'never', autocommit = 1, tx_isolation = 'REPEATABLE-READ'") < 0)
		return -1;
	return mariadb_run(server, complaint, "SHOW ENGINE INNODB STATUS");
}

/*
 * One campaign at a time has the database, by a lock that ends with its connection. What a campaign left that was
 * killed is its copy of the start state: it is put back.
 */
static int take(struct server *server, struct complaint *complaint)
{
	long long free = mariadb_number(server, complaint, "SELECT GET_LOCK(CONCAT('race ', MD5(DATABASE())), 3)");

	if (free < 0)
		return -1;
	if (free == 0) {
		snprintf(complaint->text, sizeof complaint->text, "another race is working on the database %.100s", server->database);
		return -1;
	}
	int dirty = mariadb_is_dirty(server, complaint);
	if (dirty <= 0)
		return dirty;
	mariadb_drop_later(server);
	return mariadb_put_back(server, complaint) < 0 ? -1 : mariadb_drop_copy(server, complaint);
}

void mariadb_finish(struct server *server)
{
	mysql_close(server->connection);
	free(server);
}

struct server *mariadb_begin(const char *text, bool beside, struct complaint *complaint)
{
	const char *wrong;
	struct url url;

	if (!url_read(&url, text, &wrong) || !url.database[0]) {
		snprintf(complaint->text, sizeof complaint->text, "the URL %.150s %s; it is like mysql:///NAME?socket=FILE&user=USER "
			"or mysql://USER:PASSWORD@HOST:PORT/NAME", text, url.database[0] ? wrong : "names no database");
		return NULL;
	}
	struct server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	server->connection = mysql_init(NULL);
	snprintf(server->database, sizeof server->database, "%s", url.database);
	char name[URL_PART_BYTES + sizeof MARIADB_COPY];
	snprintf(name, sizeof name, "%s" MARIADB_COPY, url.database);
	mariadb_quote(server->copy, name);
	if (server->connection && join(server, &url, beside ? NULL : url.database, complaint) == 0 &&
		inspect(server, complaint) == 0)
		return server;
	mariadb_finish(server);
	return NULL;
}

static struct server *server_open(const char *url, struct complaint *complaint)
{
	struct server *server = mariadb_begin(url, false, complaint);

	if (!server || take(server, complaint) == 0)
		return server;
	mariadb_finish(server);
	return NULL;
}

static bool server_is_test(struct server *server, struct complaint *complaint)
{
	complaint->text[0] = '\0';
	if (mariadb_is_marked(server, complaint) || mariadb_number(server, complaint,
			"SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> '"
			MARIADB_MARKER "') + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE())"
			" + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE())") == 0)
		return true;
	if (!complaint->text[0])
		snprintf(complaint->text, sizeof complaint->text, "the database %.100s is not empty and not marked for testing: "
			"exploring destroys what is in it; --db-force explores it all the same", server->database);
	return false;
}

static const char *server_database(struct server *server)
{
	return server->database;
}

static bool server_address(struct server *server, void *address, uint32_t *nbytes)
{
	socklen_t length = *nbytes;

	if (getpeername(mysql_get_socket(server->connection), address, &length) < 0 || length > *nbytes)
		return false;
	*nbytes = length;
	return true;
}

static int server_reset(struct server *server, const int32_t *backends, uint32_t nbackends, struct complaint *complaint)
{
	if (mariadb_end_sessions(server, backends, nbackends) < 0) {
		snprintf(complaint->text, sizeof complaint->text, "the sessions of an execution can't be ended: %.200s",
			mysql_error(server->connection));
		return -1;
	}
	return mariadb_reset(server, complaint);
}

static void server_close(struct server *server)
{
	if (!server)
		return;
	mariadb_start_close(server);
	if (server->kept)
		mariadb_drop_copy(server, NULL);
	mariadb_finish(server);
}

const struct adapter adapter_mariadb = {
	.scheme = "mysql",
	.protocol = WIRE_MYSQL,
	.open = server_open,
	.database = server_database,
	.is_test = server_is_test,
	.mark = mariadb_mark,
	.advise = mariadb_advise,
	.address = server_address,
	.keep = mariadb_keep,
	.keep_later = mariadb_keep_later,
	.go_back = mariadb_go_back,
	.reset = server_reset,
	.image = mariadb_image,
	.hear = mariadb_hear,
	.is_blocked = mariadb_is_blocked,
	.settle = mariadb_settle,
	.wait_end = mariadb_wait_end,
	.arrival = &mariadb_arrival,
	.close = server_close,
};

#endif
