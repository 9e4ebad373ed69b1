#if __has_include(<postgresql/libpq-fe.h>)

#include "postgres_objects.h"

#include "postgres.h"

/* One kind of objects: its catalogue, the condition, and which schema it is in. */
#define OF(catalogue, namespace, rest) \
	"SELECT '" catalogue "'::regclass::oid AS class, o.oid, " namespace " AS namespace FROM " catalogue " o " rest
#define OF_TABLE(catalogue, relation, rest) \
	OF(catalogue, "c.relnamespace", "JOIN pg_class c ON c.oid = o." relation " WHERE " rest)

/* Parts of others (a table's type, a constraint's index, what an extension has brought) go with these. */
const char postgres_objects_sql[] =
	"CREATE FUNCTION " POSTGRES_COPY ".objects() RETURNS TABLE (class oid, id oid, kind text, name text) LANGUAGE sql"
	"  SET search_path = pg_catalog AS $$ SELECT o.class, o.oid, i.type, i.identity FROM ("
	OF("pg_class", "relnamespace", "WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I') UNION ALL ")
	OF("pg_proc", "pronamespace", "UNION ALL ")
	OF("pg_type", "typnamespace", "UNION ALL ")
	OF("pg_operator", "oprnamespace", "UNION ALL ")
	OF("pg_statistic_ext", "stxnamespace", "UNION ALL ")
	OF_TABLE("pg_constraint", "conrelid", "true UNION ALL ")
	OF_TABLE("pg_trigger", "tgrelid", "NOT o.tgisinternal UNION ALL ")
	OF_TABLE("pg_rewrite", "ev_class", "true UNION ALL ")
	OF_TABLE("pg_policy", "polrelid", "true UNION ALL ")
	OF("pg_cast", "NULL", "UNION ALL ")
	OF("pg_event_trigger", "NULL", "UNION ALL ")
	OF("pg_extension", "NULL", "")
	") o LEFT JOIN pg_namespace n ON n.oid = o.namespace, pg_identify_object(o.class, o.oid, 0) i"
	"  WHERE o.oid >= 16384 AND i.identity IS NOT NULL AND (o.namespace IS NULL OR n.nspname NOT LIKE 'pg\\_%' AND n.nspname"
	"  NOT IN ('information_schema', '" POSTGRES_MARKER "', '" POSTGRES_COPY "', '" POSTGRES_FIRST "')) AND NOT EXISTS (SELECT"
	"  FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.objsubid = 0 AND d.deptype IN ('i', 'e', 'P', 'S')) $$;"
	"CREATE TABLE " POSTGRES_COPY ".objects AS SELECT kind, name FROM " POSTGRES_COPY ".objects()";

/* Those made last are dropped first: they may depend on others, and what is gone with another is gone. */
const char postgres_drop_sql[] =
	"CREATE FUNCTION " POSTGRES_COPY ".drop_new() RETURNS void LANGUAGE plpgsql AS $do$ DECLARE r record; BEGIN "
	"  FOR r IN SELECT nspname FROM pg_namespace WHERE oid NOT IN (SELECT id FROM " POSTGRES_COPY ".schemas)"
	"    AND nspname NOT LIKE 'pg\\_%' LOOP"
	"    EXECUTE format('DROP SCHEMA %I CASCADE', r.nspname);"
	"  END LOOP;"
	"  FOR r IN SELECT o.kind, o.name, k.conname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS owner FROM " POSTGRES_COPY ".objects() o"
	"    LEFT JOIN pg_constraint k ON k.oid = o.id AND o.class = 'pg_constraint'::regclass"
	"    LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"
	"    WHERE (o.kind, o.name) NOT IN (SELECT kind, name FROM " POSTGRES_COPY ".objects) ORDER BY o.id DESC LOOP"
	"    IF r.conname IS NULL THEN"
	"      EXECUTE format('DROP %s IF EXISTS %s CASCADE', replace(r.kind, 'statistics object', 'statistics'), r.name);"
	"    ELSE"
	"      EXECUTE format('ALTER TABLE IF EXISTS %s DROP CONSTRAINT IF EXISTS %I CASCADE', r.owner, r.conname);"
	"    END IF;"
	"  END LOOP;"
	"  FOR r IN SELECT * FROM " POSTGRES_COPY ".tables LOOP"
	"    IF to_regclass(r.name)::oid IS DISTINCT FROM r.id OR " POSTGRES_COPY ".shape(r.id) IS DISTINCT FROM r.shape THEN"
	"      RAISE EXCEPTION 'the table % was dropped or altered, and can''t be put back', r.name;"
	"    END IF;"
	"  END LOOP;"
	"  FOR r IN SELECT kind, name FROM " POSTGRES_COPY ".objects EXCEPT SELECT kind, name FROM " POSTGRES_COPY ".objects() LOOP"
	"    RAISE EXCEPTION 'the % % was dropped, and can''t be put back', r.kind, r.name;"
	"  END LOOP; END $do$";

#endif
