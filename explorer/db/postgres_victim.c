/*
 * Who dies in a deadlock. A session looks for one once, when it has waited for deadlock_timeout, and ends itself if it
 * finds one: so it is always the one that closes the cycle, if all others have looked before it begins to wait. Sessions
 * of an execution look at once, then, and count as blocked only when they must have looked.
 * https://www.postgresql.org/docs/15/runtime-config-locks.html
 *
 * The setting is the database's, for sessions that begin later. What it was is kept beside the start state.
 */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>

#include "postgres.h"

/* Who has waited that long has looked; who is in a cycle then is about to tell. */
enum { LOOKED_MS = 10, TELLS_MS = 2000 };

#define KEPT POSTGRES_COPY ".deadlock_timeout"

/* Roles that have a value of their own would not hear of the database's. */
static const char hurry_sql[] =
	"DO $$ BEGIN"
	"  IF EXISTS (SELECT FROM pg_db_role_setting s, pg_database d, pg_options_to_table(s.setconfig) o WHERE s.setrole <> 0"
	"    AND d.datname = current_database() AND s.setdatabase IN (0, d.oid) AND o.option_name = 'deadlock_timeout') THEN"
	"    RAISE EXCEPTION 'a role has a deadlock_timeout of its own';"
	"  END IF;"
	"  CREATE TABLE " KEPT " AS SELECT (SELECT option_value FROM pg_db_role_setting s, pg_options_to_table(s.setconfig)"
	"    WHERE s.setdatabase = d.oid AND s.setrole = 0 AND option_name = 'deadlock_timeout') AS value"
	"    FROM pg_database d WHERE d.datname = current_database();"
	"  EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 1', current_database()); END $$";

static const char calm_sql[] =
	"DO $$ DECLARE before text; BEGIN"
	"  IF to_regclass('" KEPT "') IS NULL THEN RETURN; END IF;"
	"  SELECT value INTO before FROM " KEPT ";"
	"  EXECUTE format('ALTER DATABASE %I RESET deadlock_timeout', current_database());"
	"  IF before IS NOT NULL THEN"
	"    EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = %L', current_database(), before); END IF;"
	"  DROP TABLE " KEPT "; END $$";

void postgres_victim_keep(struct server *server)
{
	server->prompt = PQserverVersion(server->connection) >= POSTGRES_WAITSTART &&
		postgres_run(server, hurry_sql, NULL) == 0;
}

void postgres_victim_arrive(struct server *server)
{
	char sql[1024];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_db_role_setting s, pg_options_to_table(s.setconfig) o WHERE s.setrole <> 0"
		" AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = %s)) AND o.option_name = 'deadlock_timeout'",
		server->literal);
	server->prompt = PQserverVersion(server->connection) >= POSTGRES_WAITSTART && postgres_number(server, sql, NULL) == 0;
	snprintf(sql, sizeof sql, "ALTER DATABASE %s SET deadlock_timeout = 1", server->identifier);
	server->prompt = server->prompt && postgres_run(server, sql, NULL) == 0;
}

void postgres_victim_put_back(struct server *server)
{
	postgres_run(server, calm_sql, NULL);
	server->prompt = false;
}

int postgres_victim_has_looked(struct server *server, int32_t backend)
{
	char sql[768];

	if (!server->prompt)
		return 1;
	snprintf(sql, sizeof sql, "SELECT extract(epoch FROM clock_timestamp() - coalesce(min(waitstart), clock_timestamp()))"
		" * 1000 FROM pg_locks WHERE pid = %d AND NOT granted", backend);
	long waited_ms = postgres_number(server, sql, NULL);
	if (waited_ms < LOOKED_MS || waited_ms > TELLS_MS)
		return waited_ms < 0 ? -1 : waited_ms > TELLS_MS;
	snprintf(sql, sizeof sql, "WITH RECURSIVE holders (pid) AS (SELECT unnest(pg_blocking_pids(%d)) UNION"
		" SELECT unnest(pg_blocking_pids(pid)) FROM holders) SELECT count(*) FROM holders WHERE pid = %d", backend, backend);
	return postgres_number(server, sql, NULL) == 0;
}

const char *postgres_victim_doubt(struct server *server)
{
	struct complaint complaint;
	const char *doubt = NULL;

	if (PQserverVersion(server->connection) < POSTGRES_WAITSTART)
		return "only PostgreSQL 14 and newer tell since when a session waits";
	if (postgres_run(server, "BEGIN; CREATE SCHEMA IF NOT EXISTS " POSTGRES_COPY, &complaint) < 0 ||
		postgres_run(server, hurry_sql, &complaint) < 0)
		doubt = "GRANT SET ON PARAMETER deadlock_timeout, and the database itself, must be the user's, and no role may "
			"have a value of its own";
	postgres_run(server, "ROLLBACK", NULL);
	return doubt;
}

#endif
