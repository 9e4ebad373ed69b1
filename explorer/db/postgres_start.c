/*
 * The start state of a PostgreSQL database: copied table by table into a schema of ours. Here it is put back by what is on
 * the server alone (postgres_reset.c does less where it knows more): a table that differs from its copy, as sums of row
 * hashes say, is filled anew. What an execution has created besides is dropped (postgres_objects.h); a table of the start
 * state that it has dropped or altered can't be put back.
 *
 * Where triggers and foreign keys can't be left out (session_replication_role), all tables that refer to one that is
 * filled anew are, too, and all are emptied in one statement, and filled in one: keys are checked when a statement ends,
 * whatever their order. Triggers are switched off meanwhile by who owns the table.
 */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>

#include "postgres_look.h"
#include "postgres_objects.h"

/*
 * tables: what there was. source: what its rows are read from; columns: those that can be written, updates: what sets them
 * to those of its copy c but for the key; sequences: their values.
 */
static const char keep_sql[] =
	"DROP SCHEMA IF EXISTS " POSTGRES_COPY " CASCADE;"
	"CREATE SCHEMA " POSTGRES_COPY ";"
	"CREATE TABLE " POSTGRES_COPY ".tables (id oid, name text, source text, copy text, columns text, updates text, shape text,"
	"  hash numeric, n bigint);"
	"CREATE TABLE " POSTGRES_COPY ".schemas AS SELECT oid AS id FROM pg_namespace;"
	"CREATE TABLE " POSTGRES_COPY ".sequences (name text, value bigint, called boolean);"
	/* the columns that can be written, and how the table looks */
	"CREATE FUNCTION " POSTGRES_COPY ".shape(oid) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$"
	"  SELECT string_agg(attnum || ' ' || attname || ' ' || atttypid || ' ' || attnotnull, ',' ORDER BY attnum)"
	"  FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped $$;"
	"CREATE FUNCTION " POSTGRES_COPY ".measure(source text, OUT hash numeric, OUT n bigint) LANGUAGE plpgsql"
	"  SET search_path = pg_catalog AS $$ BEGIN"
	"  EXECUTE format('SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric), 0), count(*) FROM %s t', source)"
	"  INTO hash, n; END $$;"
	"DO $do$ DECLARE r record; v bigint; c boolean; k int := 0; h numeric; m bigint; BEGIN "
	"  FOR r IN SELECT c.oid AS id, format('%I.%I', n.nspname, c.relname) AS name,"
	"    format(CASE c.relkind WHEN 'r' THEN 'ONLY %I.%I' ELSE '%I.%I' END, n.nspname, c.relname) AS source,"
	"    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid"
	"    AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,"
	"    (SELECT string_agg(format('%I = c.%I', attname, attname), ', ') FROM pg_attribute a WHERE attrelid = c.oid"
	"    AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a' AND NOT EXISTS (SELECT FROM"
	"    pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey))) AS updates"
	"    FROM" POSTGRES_TABLES "LOOP"
	"    k := k + 1;"
	"    EXECUTE format('CREATE TABLE " POSTGRES_COPY ".copy_%s AS SELECT * FROM %s', k, r.source);"
	"    SELECT x.hash, x.n INTO h, m FROM " POSTGRES_COPY ".measure(r.source) x;"
	"    INSERT INTO " POSTGRES_COPY ".tables VALUES (r.id, r.name, r.source, format('" POSTGRES_COPY ".copy_%s', k), r.columns,"
	"      r.updates, " POSTGRES_COPY ".shape(r.id), h, m);"
	"  END LOOP;"
	"  FOR r IN SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences"
	"    WHERE schemaname NOT IN ('" POSTGRES_MARKER "', '" POSTGRES_COPY "') LOOP"
	"    EXECUTE format('SELECT last_value, is_called FROM %s', r.name) INTO v, c;"
	"    INSERT INTO " POSTGRES_COPY ".sequences VALUES (r.name, v, c);"
	"  END LOOP; END $do$";

/* A list of statements, one per table of `dirty`, made into one. */
#define FOR_ALL(name, format) \
	"EXECUTE (SELECT 'WITH ' || string_agg(format('" name "%s AS (%s)', row_number, " format "), ', ') || ' SELECT'" \
	" FROM (SELECT *, row_number() OVER () FROM " POSTGRES_COPY ".tables t WHERE t.id = ANY(dirty)) t);"

static const char refill_sql[] =
	"CREATE FUNCTION " POSTGRES_COPY ".refill() RETURNS void LANGUAGE plpgsql AS $do$ DECLARE r record; h numeric; m bigint; dirty oid[] := '{}'; more oid[]; statement text;"
	"  switch_off text[]; switch_on text[];"
	"  plain boolean := current_setting('session_replication_role') <> 'replica'; BEGIN "
	"  FOR r IN SELECT * FROM " POSTGRES_COPY ".tables LOOP"
	"    SELECT x.hash, x.n INTO h, m FROM " POSTGRES_COPY ".measure(r.source) x;"
	"    IF h <> r.hash OR m <> r.n THEN dirty := dirty || r.id; END IF;"
	"  END LOOP;"
	"  WHILE plain LOOP"
	"    SELECT array_agg(DISTINCT k.conrelid) INTO more FROM pg_constraint k JOIN " POSTGRES_COPY ".tables t ON t.id = k.conrelid"
	"      WHERE k.contype = 'f' AND k.confrelid = ANY(dirty) AND k.conrelid <> ALL(dirty);"
	"    EXIT WHEN more IS NULL;"
	"    dirty := dirty || more;"
	"  END LOOP;"
	"  IF dirty = '{}' THEN RETURN; END IF;"
	"  SELECT array_agg(format('ALTER TABLE %s DISABLE TRIGGER %I', g.tgrelid::regclass, g.tgname)),"
	"    array_agg(format('ALTER TABLE %s ENABLE %s TRIGGER %I', g.tgrelid::regclass, CASE g.tgenabled WHEN 'A' THEN 'ALWAYS'"
	"    WHEN 'R' THEN 'REPLICA' ELSE '' END, g.tgname)) INTO switch_off, switch_on"
	"    FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE g.tgrelid = ANY(dirty) AND NOT g.tgisinternal"
	"    AND pg_has_role(c.relowner, 'USAGE') AND g.tgenabled = ANY(CASE WHEN plain THEN '{O,A}'::\"char\"[] ELSE '{R,A}' END);"
	"  FOREACH statement IN ARRAY coalesce(switch_off, '{}') LOOP EXECUTE statement; END LOOP;"
	"  " FOR_ALL("d", "format('DELETE FROM %s', source)")
	"  " FOR_ALL("i", "format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s', name, columns, columns, copy)")
	"  SET CONSTRAINTS ALL IMMEDIATE;"
	"  FOREACH statement IN ARRAY coalesce(switch_on, '{}') LOOP EXECUTE statement; END LOOP;"
	"  FOR r IN SELECT * FROM " POSTGRES_COPY ".tables WHERE id = ANY(dirty) LOOP"
	"    SELECT x.hash, x.n INTO h, m FROM " POSTGRES_COPY ".measure(r.source) x;"
	"    IF h <> r.hash OR m <> r.n THEN"
	"      RAISE EXCEPTION 'the table % does not become what it was: a trigger changes what is put back', r.name;"
	"    END IF;"
	"  END LOOP; END $do$";

static const char sequences_sql[] =
	"CREATE FUNCTION " POSTGRES_COPY ".turn_back() RETURNS void LANGUAGE plpgsql AS $do$ DECLARE r record; v bigint; c boolean; BEGIN "
	"  FOR r IN SELECT * FROM " POSTGRES_COPY ".sequences LOOP"
	"    EXECUTE format('SELECT last_value, is_called FROM %s', r.name) INTO v, c;"
	"    IF v <> r.value OR c <> r.called THEN PERFORM setval(r.name, r.value, r.called); END IF;"
	"  END LOOP; END $do$";

/* Statements that run as one transaction; NULL-ended. */
static int run_all(struct server *server, const char *const *statements, struct complaint *complaint)
{
	for (; *statements; statements++)
		if (postgres_run(server, *statements, complaint) < 0) {
			postgres_run(server, "ROLLBACK", NULL);
			return -1;
		}
	return 0;
}

/* What the copy says, for looks that begin now. */
static void learn(struct server *server)
{
	server->start = postgres_start_read(server);
	if (server->start && postgres_look_afresh(server) < 0) {
		postgres_start_close(server->start);
		server->start = NULL;
	}
}

int postgres_keep(struct server *server, struct complaint *complaint)
{
	static const char *const statements[] = {"BEGIN", keep_sql, postgres_objects_sql, postgres_drop_sql, refill_sql, sequences_sql, "COMMIT", NULL};

	postgres_start_close(server->start);
	server->start = NULL;
	if (run_all(server, statements, complaint) < 0)
		return -1;
	server->kept = true;
	postgres_victim_keep(server);
	learn(server);
	return 0;
}

/* The first copy waits under another name: what is done on the server goes by the name. */
int postgres_keep_later(struct server *server, struct complaint *complaint)
{
	if (postgres_run(server, "DROP SCHEMA IF EXISTS " POSTGRES_FIRST " CASCADE;"
			" ALTER SCHEMA " POSTGRES_COPY " RENAME TO " POSTGRES_FIRST, complaint) < 0)
		return -1;
	if (postgres_keep(server, complaint) == 0)
		return 0;
	struct complaint second;
	postgres_go_back(server, &second);
	return -1;
}

int postgres_go_back(struct server *server, struct complaint *complaint)
{
	postgres_start_close(server->start);
	server->start = NULL;
	if (postgres_run(server, "BEGIN; DROP SCHEMA IF EXISTS " POSTGRES_COPY " CASCADE;"
			" ALTER SCHEMA " POSTGRES_FIRST " RENAME TO " POSTGRES_COPY "; COMMIT", complaint) < 0) {
		postgres_run(server, "ROLLBACK", NULL);
		return -1;
	}
	if (postgres_put_back(server, complaint) < 0)
		return -1;
	learn(server);
	return 0;
}

int postgres_put_back(struct server *server, struct complaint *complaint)
{
	return postgres_run(server, "SELECT " POSTGRES_COPY ".drop_new(); SELECT " POSTGRES_COPY ".refill();"
		" SELECT " POSTGRES_COPY ".turn_back()", complaint);
}

#endif
