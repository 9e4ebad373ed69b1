/* What race doctor says of a MariaDB server, and how it marks a database as one for testing. */
#if __has_include(<mariadb/mysql.h>)

#include <stdio.h>
#include <string.h>

#include "mariadb.h"

/* A setting that costs time, or makes executions differ. */
struct setting {
	const char *name, *wanted, *why;
};

static const struct setting settings[] = {
	{"innodb_flush_log_at_trx_commit", "0", "each commit waits for the disk"},
	{"sync_binlog", "0", "each commit waits for the disk"},
	{"innodb_doublewrite", "OFF", "more is written than a test database needs"},
	{"log_bin", "OFF", "more is written than a test database needs"},
	{"event_scheduler", "OFF", "events work beside the program"},
};

/*
 * The marker names the server and the database, and holds the moment at which it was made itself: the same table
 * made elsewhere from a dump, or from a copy of the files, was made at another one.
 */
#define IDENTITY "SELECT MD5(CONCAT_WS(' ', @@hostname, @@datadir, @@port, @@socket)) AS server, DATABASE() AS name," \
	" CREATE_TIME AS made FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()" \
	" AND TABLE_NAME = '" MARIADB_MARKER "'"

int mariadb_mark(struct server *server, struct complaint *complaint)
{
	if (mariadb_run(server, complaint, "DROP TABLE IF EXISTS " MARIADB_MARKER) < 0 || mariadb_run(server, complaint,
			"CREATE TABLE " MARIADB_MARKER " (server varchar(32), name varchar(64), made datetime)") < 0)
		return -1;
	return mariadb_run(server, complaint, "INSERT INTO " MARIADB_MARKER " " IDENTITY);
}

bool mariadb_is_marked(struct server *server, struct complaint *complaint)
{
	if (mariadb_number(server, complaint, "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
			" AND TABLE_NAME = '" MARIADB_MARKER "' AND COLUMN_NAME IN ('server', 'name', 'made')") != 3)
		return false;
	return mariadb_number(server, complaint, "SELECT COUNT(*) FROM " MARIADB_MARKER " m JOIN (" IDENTITY ") i"
		" ON BINARY m.server = BINARY i.server AND BINARY m.name = BINARY i.name AND m.made = i.made") > 0;
}

static void advise_setting(struct server *server, const struct setting *setting, advice_say *say, void *state)
{
	char text[300];

	if (mariadb_number(server, NULL, "SELECT COUNT(*) FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME = '%s'"
			" AND VARIABLE_VALUE <> '%s'", setting->name, setting->wanted) <= 0)
		return;
	snprintf(text, sizeof text, "not %s: %s", setting->wanted, setting->why);
	say(state, ADVICE_NOTE, setting->name, text);
}

void mariadb_advise(struct server *server, advice_say *say, void *state)
{
	char text[300];

	snprintf(text, sizeof text, "MariaDB %.60s, database %.100s", mysql_get_server_info(server->connection),
		server->database);
	say(state, ADVICE_GOOD, "server", text);
	/* tried with what keeping the start state needs */
	struct complaint complaint = {""};
	if (mariadb_run(server, &complaint, "CREATE DATABASE IF NOT EXISTS %s", server->copy) == 0 &&
		mariadb_drop_copy(server, &complaint) == 0)
		say(state, ADVICE_GOOD, "privileges", "start states can be kept, and who waits for whom is told (PROCESS)");
	else
		say(state, ADVICE_BAD, "privileges", complaint.text);
	if (mariadb_number(server, NULL, "SELECT COUNT(*)" MARIADB_TABLES "AND ENGINE <> 'InnoDB'") > 0)
		say(state, ADVICE_NOTE, "engines", "not all tables are InnoDB's: those have no transactions, and all are compared on the "
			"server after each execution");
	if (mariadb_number(server, NULL, "SELECT @@GLOBAL.userstat") == 0 && mariadb_run(server, NULL, "SET GLOBAL userstat = 0") < 0)
		say(state, ADVICE_NOTE, "userstat", "it is off and the user may not set it (SUPER): all rows are read after each "
			"execution, not those of changed tables only");
	if (mariadb_number(server, NULL, "SELECT @@innodb_deadlock_detect") == 1)
		say(state, ADVICE_GOOD, "deadlocks", "the victim is who has done least, of equals who closes the cycle");
	else
		say(state, ADVICE_NOTE, "deadlocks", "innodb_deadlock_detect is off: each lasts innodb_lock_wait_timeout, and who waits "
			"longest fails");
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		advise_setting(server, &settings[i], say, state);
}

#endif
