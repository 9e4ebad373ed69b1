/*
 * The start state of a PostgreSQL database: copied table by table into a schema of ours, put back where a table differs
 * from its copy (sums of row hashes say so). What an execution has created besides is dropped; a table of the start
 * state that it has dropped or altered can't be put back.
 *
 * Everything is done on the server, in functions of the copy's schema that live as long as it.
 */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>

#include "postgres.h"

/* tables: what there was; sequences: their values. */
static const char keep_sql[] =
	"BEGIN;"
	"DROP SCHEMA IF EXISTS " POSTGRES_COPY " CASCADE;"
	"CREATE SCHEMA " POSTGRES_COPY ";"
	"CREATE TABLE " POSTGRES_COPY ".tables (id oid, name text, copy text, columns text, shape text, hash numeric, n bigint);"
	"CREATE TABLE " POSTGRES_COPY ".schemas AS SELECT oid AS id FROM pg_namespace;"
	"CREATE TABLE " POSTGRES_COPY ".sequences (name text, value bigint, called boolean);"
	/* the columns that can be written, and how the table looks */
	"CREATE FUNCTION " POSTGRES_COPY ".shape(oid) RETURNS text LANGUAGE sql SET search_path = pg_catalog AS $$"
	"  SELECT string_agg(attnum || ' ' || attname || ' ' || atttypid || ' ' || attnotnull, ',' ORDER BY attnum)"
	"  FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped $$;"
	"CREATE FUNCTION " POSTGRES_COPY ".measure(name text, OUT hash numeric, OUT n bigint) LANGUAGE plpgsql"
	"  SET search_path = pg_catalog AS $$ BEGIN"
	"  EXECUTE format('SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric), 0), count(*) FROM %s t', name)"
	"  INTO hash, n; END $$;"
	"DO $do$ DECLARE r record; v bigint; c boolean; k int := 0; h numeric; m bigint; BEGIN "
	"  FOR r IN SELECT c.oid AS id, format('%I.%I', n.nspname, c.relname) AS name, (SELECT string_agg(quote_ident(attname),"
	"    ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped"
	"    AND attgenerated = '') AS columns FROM" POSTGRES_TABLES "LOOP"
	"    k := k + 1;"
	"    EXECUTE format('CREATE TABLE " POSTGRES_COPY ".copy_%s AS SELECT * FROM %s', k, r.name);"
	"    SELECT x.hash, x.n INTO h, m FROM " POSTGRES_COPY ".measure(r.name) x;"
	"    INSERT INTO " POSTGRES_COPY ".tables VALUES (r.id, r.name, format('" POSTGRES_COPY ".copy_%s', k), r.columns,"
	"      " POSTGRES_COPY ".shape(r.id), h, m);"
	"  END LOOP;"
	"  FOR r IN SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences"
	"    WHERE schemaname NOT IN ('" POSTGRES_MARKER "', '" POSTGRES_COPY "') LOOP"
	"    EXECUTE format('SELECT last_value, is_called FROM %s', r.name) INTO v, c;"
	"    INSERT INTO " POSTGRES_COPY ".sequences VALUES (r.name, v, c);"
	"  END LOOP; END $do$;"
	"COMMIT";

static const char put_back_sql[] =
	"BEGIN;"
	"SET LOCAL session_replication_role = replica;" /* no triggers, no foreign keys: all is put back together */
	"DO $do$ DECLARE r record; h numeric; m bigint; v bigint; c boolean; BEGIN "
	"  FOR r IN SELECT oid FROM pg_namespace WHERE oid NOT IN (SELECT id FROM " POSTGRES_COPY ".schemas)"
	"    AND nspname NOT LIKE 'pg\\_%' LOOP"
	"    EXECUTE (SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE oid = r.oid);"
	"  END LOOP;"
	"  FOR r IN SELECT c.oid AS id, format('%I.%I', n.nspname, c.relname) AS name FROM" POSTGRES_TABLES
	"    AND c.oid NOT IN (SELECT id FROM " POSTGRES_COPY ".tables) LOOP"
	"    EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', r.name);"
	"  END LOOP;"
	"  FOR r IN SELECT * FROM " POSTGRES_COPY ".tables LOOP"
	"    IF to_regclass(r.name)::oid IS DISTINCT FROM r.id OR " POSTGRES_COPY ".shape(r.id) IS DISTINCT FROM r.shape THEN"
	"      RAISE EXCEPTION 'the table % was dropped or altered, and can''t be put back', r.name;"
	"    END IF;"
	"    SELECT x.hash, x.n INTO h, m FROM " POSTGRES_COPY ".measure(r.name) x;"
	"    IF h = r.hash AND m = r.n THEN CONTINUE; END IF;"
	"    EXECUTE format('DELETE FROM %s', r.name);"
	"    EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s', r.name, r.columns, r.columns,"
	"      r.copy);"
	"  END LOOP;"
	"  FOR r IN SELECT * FROM " POSTGRES_COPY ".sequences LOOP"
	"    EXECUTE format('SELECT last_value, is_called FROM %s', r.name) INTO v, c;"
	"    IF v <> r.value OR c <> r.called THEN PERFORM setval(r.name, r.value, r.called); END IF;"
	"  END LOOP; END $do$;"
	"COMMIT";

int postgres_keep(struct server *server, struct complaint *complaint)
{
	if (postgres_run(server, keep_sql, complaint) < 0) {
		postgres_run(server, "ROLLBACK", NULL);
		return -1;
	}
	server->kept = true;
	postgres_victim_keep(server);
	return 0;
}

int postgres_put_back(struct server *server, struct complaint *complaint)
{
	if (postgres_run(server, put_back_sql, complaint) == 0)
		return 0;
	postgres_run(server, "ROLLBACK", NULL);
	return -1;
}

#endif
