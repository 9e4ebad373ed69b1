/* What race doctor says of a PostgreSQL server, and how it marks a database as one for testing. */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>
#include <string.h>

#include "postgres.h"

enum { TEXT_BYTES = 300 };

/* A setting that costs time, or makes executions differ. */
struct setting {
	const char *name, *wanted, *why;
};

static const struct setting settings[] = {
	{"fsync", "off", "each commit waits for the disk"},
	{"synchronous_commit", "off", "each commit waits for the disk"},
	{"full_page_writes", "off", "more is written than a test database needs"},
	{"autovacuum", "off", "it works beside the program, and takes locks"},
	{"jit", "off", "it makes the first long query slow"},
};

int postgres_mark(struct server *server, struct complaint *complaint)
{
	return postgres_run(server, "BEGIN; CREATE SCHEMA IF NOT EXISTS " POSTGRES_MARKER ";"
		"DROP TABLE IF EXISTS " POSTGRES_MARKER ".identity;"
		"CREATE TABLE " POSTGRES_MARKER ".identity AS SELECT s.system_identifier AS server, d.oid AS database"
		" FROM pg_control_system() s, pg_database d WHERE d.datname = current_database(); COMMIT", complaint);
}

static void advise_setting(struct server *server, const struct setting *setting, advice_say *say, void *state)
{
	char sql[128], text[TEXT_BYTES];

	snprintf(sql, sizeof sql, "SELECT (current_setting('%s') = '%s')::int", setting->name, setting->wanted);
	if (postgres_number(server, sql, NULL) != 0)
		return;
	snprintf(text, sizeof text, "not %s: %s", setting->wanted, setting->why);
	say(state, ADVICE_NOTE, setting->name, text);
}

static void advise_deadlocks(struct server *server, advice_say *say, void *state)
{
	long timeout_ms = postgres_number(server, "SELECT setting FROM pg_settings WHERE name = 'deadlock_timeout'", NULL);
	const char *doubt = postgres_victim_doubt(server);
	char text[TEXT_BYTES];

	if (!doubt) {
		say(state, ADVICE_GOOD, "deadlocks", "the victim is who closes the cycle: sessions look for deadlocks at once");
		return;
	}
	snprintf(text, sizeof text, "each costs %ld ms (deadlock_timeout), and the server decides who is the victim, which replays "
		"only check: %s", timeout_ms, doubt);
	say(state, ADVICE_NOTE, "deadlocks", text);
}

/* What must be allowed, and what it costs when no more is. */
static void advise_privileges(struct server *server, advice_say *say, void *state)
{
	long creates = postgres_number(server, "SELECT has_database_privilege(current_database(), 'CREATE')::int", NULL);
	long closed = postgres_number(server, "SELECT count(*) FROM" POSTGRES_TABLES "AND NOT (has_table_privilege(c.oid, 'SELECT')"
		" AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')"
		" AND has_table_privilege(c.oid, 'DELETE'))", NULL);
	char text[TEXT_BYTES];

	if (creates != 1) {
		say(state, ADVICE_BAD, "privileges", "the start state is kept in a schema beside the program's, which the user must be "
			"allowed to make: GRANT CREATE ON DATABASE");
	} else if (closed != 0) {
		snprintf(text, sizeof text, "%ld tables can't be put back: GRANT SELECT, INSERT, UPDATE, DELETE, or make the user "
			"their owner", closed);
		say(state, ADVICE_BAD, "privileges", text);
	} else if (server->replica) {
		say(state, ADVICE_GOOD, "privileges", "start states are put back without triggers and foreign keys");
	} else {
		say(state, ADVICE_NOTE, "privileges", "start states are put back under foreign keys, and tables with triggers as a whole, "
			"which takes longer: neither superuser nor GRANT SET ON PARAMETER session_replication_role (PostgreSQL 15)");
	}
}

void postgres_advise(struct server *server, advice_say *say, void *state)
{
	int version = PQserverVersion(server->connection);
	char text[TEXT_BYTES];

	snprintf(text, sizeof text, "PostgreSQL %d.%d, database %s", version / 10000, version % 10000,
		PQdb(server->connection));
	say(state, ADVICE_GOOD, "server", text);
	advise_privileges(server, say, state);
	advise_deadlocks(server, say, state);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		advise_setting(server, &settings[i], say, state);
}

#endif
