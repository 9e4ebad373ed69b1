/*
 * Rows of a PostgreSQL table lie where there was room when they were written last. Here they are written anew as they are,
 * the last one first: what was in front is behind then. A table that triggers or rules watch, or that can't be written now,
 * stays as it is.
 */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgres_reset.h"

/* Tables that were not moved yet, and what moves the first 1000 rows of each: those behind are in front of them then. */
static const char statements_sql[] =
	"SELECT array_agg(id), string_agg(format('BEGIN FOR r IN SELECT place FROM (SELECT ctid AS place FROM %1$s LIMIT 1000) f"
	" ORDER BY place DESC LOOP UPDATE %1$s c SET %2$I = c.%2$I WHERE c.ctid = r.place; END LOOP;"
	" EXCEPTION WHEN OTHERS THEN NULL; END;', source, attribute), ' ')"
	" FROM (SELECT c.oid AS id, format('ONLY %I.%I', n.nspname, c.relname) AS source, (SELECT attname FROM pg_attribute a"
	" WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a' LIMIT 1) AS attribute"
	" FROM" POSTGRES_TABLES "AND c.relkind = 'r' AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap')"
	" AND pg_relation_size(c.oid) > 0 AND NOT EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid)"
	" AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled IN ('A', "
	"CASE current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END))"
	" AND c.oid <> ALL('{";

/* A list of numbers, "{1,2}", is added to one without braces. */
static void note_moved(struct server *server, const char *list)
{
	const char *known = server->moved ? server->moved : "";
	char *longer;

	if (asprintf(&longer, "%s%s%.*s", known, *known ? "," : "", (int)strlen(list) - 2, list + 1) < 0)
		return;
	free(server->moved);
	server->moved = longer;
}

int postgres_reorder(struct server *server)
{
	char *sql, *block = NULL;
	int code = -1;

	if (asprintf(&sql, "%s%s}'::oid[])) t WHERE attribute IS NOT NULL", statements_sql,
			server->moved ? server->moved : "") < 0)
		return -1;
	PGresult *result = postgres_query(server, sql, NULL);
	free(sql);
	bool some = result && PQntuples(result) == 1 && !PQgetisnull(result, 0, 0);
	if (some && asprintf(&block, "BEGIN; SET LOCAL lock_timeout = '100ms'; DO $race_reorder$ DECLARE r record; BEGIN %s"
			" END $race_reorder$; COMMIT", PQgetvalue(result, 0, 1)) >= 0) {
		code = postgres_run(server, block, NULL);
		free(block);
		note_moved(server, PQgetvalue(result, 0, 0));
	}
	if (code < 0 && some)
		postgres_run(server, "ROLLBACK", NULL);
	PQclear(result);
	return some ? code : 0;
}

#endif
