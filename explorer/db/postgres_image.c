/* The content of a PostgreSQL database as an image: tables of schema public go by their bare names. */
#if __has_include(<postgresql/libpq-fe.h>)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "postgres.h"

struct reading {
	struct server *server;
	struct image *image;
	struct complaint *complaint;
};

static char *copy(const struct reading *reading, const PGresult *result, int row, int column)
{
	return arena_text(reading->image->arena, PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
}

/* Type byte and text, see struct image_value. `type`: of the column, by its category. */
static int value_read(struct arena *arena, const PGresult *result, int row, int column, char type,
	struct image_value *value)
{
	bool null = PQgetisnull(result, row, column);
	size_t nbytes = null ? 0 : (size_t)PQgetlength(result, row, column);

	value->nbytes = (uint32_t)nbytes + 1;
	value->bytes = arena_take(arena, nbytes + 2);
	if (!value->bytes)
		return -1;
	value->bytes[0] = null ? 'n' : type;
	memcpy(value->bytes + 1, PQgetvalue(result, row, column), nbytes);
	return 0;
}

static int rows_read(struct reading *reading, struct image_table *table, const char *name, const char *types)
{
	struct arena *arena = reading->image->arena;
	size_t length = strlen(name) + 32;
	char *sql = malloc(length);
	int result = -1;

	if (!sql)
		return -1;
	snprintf(sql, length, "SELECT * FROM %s", name);
	PGresult *rows = postgres_query(reading->server, sql, reading->complaint);
	free(sql);
	if (!rows)
		return -1;
	table->nrows = (uint32_t)PQntuples(rows);
	table->values = arena_array(arena, (size_t)table->nrows * table->ncolumns, sizeof *table->values);
	struct image_value *value = table->values;
	if (!value || (uint32_t)PQnfields(rows) != table->ncolumns)
		goto done;
	for (int i = 0; i < PQntuples(rows); i++)
		for (uint32_t j = 0; j < table->ncolumns; j++)
			if (value_read(arena, rows, i, (int)j, types[j], value++) < 0)
				goto done;
	result = 0;
done:
	PQclear(rows);
	return result;
}

/* Names, types, keys, and which numbers the database hands out. */
static int table_read(struct reading *reading, struct image_table *table, const char *id, const char *name)
{
	struct arena *arena = reading->image->arena;
	char sql[1024], *types;

	snprintf(sql, sizeof sql,
		"SELECT a.attname, CASE WHEN a.atttypid IN (20, 21, 23) THEN 'i' WHEN a.atttypid IN (700, 701) THEN 'f'"
		" WHEN a.atttypid = 17 THEN 'b' ELSE 't' END,"
		" EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey))::int,"
		" (a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%%')::int"
		" FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
		" WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum", id);
	PGresult *result = postgres_query(reading->server, sql, reading->complaint);
	if (!result)
		return -1;
	table->ncolumns = (uint32_t)PQntuples(result);
	table->columns = arena_array(arena, table->ncolumns, sizeof *table->columns);
	types = arena_take(arena, table->ncolumns + 1UL);
	for (int i = 0; table->columns && types && i < PQntuples(result); i++) {
		struct image_column *column = &table->columns[i];
		column->name = copy(reading, result, i, 0);
		column->refers = -1;
		types[i] = *PQgetvalue(result, i, 1);
		column->flags |= *PQgetvalue(result, i, 2) == '1' ? COLUMN_KEY : 0;
		column->flags |= *PQgetvalue(result, i, 3) == '1' && types[i] == 'i' ? COLUMN_SURROGATE : 0;
		if (!column->name)
			table->columns = NULL;
	}
	PQclear(result);
	return table->columns && types ? rows_read(reading, table, name, types) : -1;
}

/* Foreign keys of one column that name another table's surrogate. */
static int references_read(struct reading *reading)
{
	PGresult *result = postgres_query(reading->server,
		"SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, a.attname,"
		" CASE m.nspname WHEN 'public' THEN '' ELSE m.nspname || '.' END || d.relname, b.attname FROM pg_constraint k"
		" JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
		" JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace m ON m.oid = d.relnamespace"
		" JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]"
		" JOIN pg_attribute b ON b.attrelid = d.oid AND b.attnum = k.confkey[1]"
		" WHERE k.contype = 'f' AND cardinality(k.conkey) = 1", reading->complaint);

	for (int i = 0; result && i < PQntuples(result); i++)
		image_refer(reading->image, PQgetvalue(result, i, 0), PQgetvalue(result, i, 1), PQgetvalue(result, i, 2),
			PQgetvalue(result, i, 3));
	PQclear(result);
	return result ? 0 : -1;
}

static int tables_read(struct reading *reading)
{
	PGresult *result = postgres_query(reading->server,
		"SELECT c.oid, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,"
		" format('%I.%I', n.nspname, c.relname) FROM" POSTGRES_TABLES "ORDER BY 2", reading->complaint);
	struct image *image = reading->image;
	int code = result ? 0 : -1;

	if (result)
		image->tables = arena_array(image->arena, (size_t)PQntuples(result), sizeof *image->tables);
	for (int i = 0; code == 0 && image->tables && i < PQntuples(result); i++) {
		struct image_table *table = &image->tables[image->ntables];
		table->name = copy(reading, result, i, 1);
		code = table->name ? table_read(reading, table, PQgetvalue(result, i, 0), PQgetvalue(result, i, 2)) : -1;
		image->ntables += code == 0;
	}
	PQclear(result);
	return image->tables ? code : -1;
}

struct image *postgres_image(struct server *server, const char *database, struct complaint *complaint)
{
	struct reading reading = {.server = server, .image = image_new(database), .complaint = complaint};

	if (!reading.image)
		return NULL;
	int code = postgres_run(server, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", complaint);
	if (code == 0 && (code = tables_read(&reading)) == 0)
		code = references_read(&reading);
	postgres_run(server, code == 0 ? "COMMIT" : "ROLLBACK", NULL);
	return image_finish(reading.image, code == 0);
}

#endif
