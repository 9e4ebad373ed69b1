#if __has_include(<postgresql/libpq-fe.h>)

#include "postgres_catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "../arena.h"

/* Planned once: that takes longer than running them. Tables: a row per column, one of a table without any. */
static const char prepare_sql[] =
	"PREPARE race_tables AS SELECT t.id, t.name, t.source, t.plain, a.attname, CASE WHEN a.atttypid IN (20, 21, 23) THEN 'i'"
	" WHEN a.atttypid IN (700, 701) THEN 'f' WHEN a.atttypid = 17 THEN 'b' ELSE 't' END,"
	" coalesce(a.attnum = ANY(i.indkey), false)::int, (a.attidentity <> '' OR"
	" coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%')::int, quote_ident(a.attname)"
	" FROM (SELECT c.oid AS id, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name,"
	" format(CASE c.relkind WHEN 'r' THEN 'ONLY %I.%I' ELSE '%I.%I' END, n.nspname, c.relname) AS source,"
	" (c.relkind = 'r' AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap'))::int AS plain FROM" POSTGRES_TABLES ") t"
	" LEFT JOIN pg_attribute a ON a.attrelid = t.id AND a.attnum > 0 AND NOT a.attisdropped"
	" LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
	" LEFT JOIN pg_index i ON i.indrelid = t.id AND i.indisprimary ORDER BY 2, 1, a.attnum;"
	"PREPARE race_references AS SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, a.attname,"
	" CASE m.nspname WHEN 'public' THEN '' ELSE m.nspname || '.' END || d.relname, b.attname FROM pg_constraint k"
	" JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
	" JOIN pg_class d ON d.oid = k.confrelid JOIN pg_namespace m ON m.oid = d.relnamespace"
	" JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]"
	" JOIN pg_attribute b ON b.attrelid = d.oid AND b.attnum = k.confkey[1]"
	" WHERE k.contype = 'f' AND cardinality(k.conkey) = 1";

enum { COLUMN_ID, COLUMN_NAME, COLUMN_SOURCE, COLUMN_PLAIN, COLUMN_ATTRIBUTE, COLUMN_TYPE, COLUMN_IS_KEY, COLUMN_ISSUED,
	COLUMN_QUOTED };

static char *copy(struct arena *arena, const PGresult *result, int row, int column)
{
	return arena_text(arena, PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
}

static int column_read(struct arena *arena, const PGresult *result, int row, struct image_column *column, char *type)
{
	*type = *PQgetvalue(result, row, COLUMN_TYPE);
	column->name = copy(arena, result, row, COLUMN_ATTRIBUTE);
	column->refers = -1;
	column->flags |= *PQgetvalue(result, row, COLUMN_IS_KEY) == '1' ? COLUMN_KEY : 0;
	column->flags |= *PQgetvalue(result, row, COLUMN_ISSUED) == '1' && *type == 'i' ? COLUMN_SURROGATE : 0;
	return column->name ? 0 : -1;
}

/* How many rows from this one on are of the same table. */
static int count_columns(const PGresult *result, int row)
{
	int n = 0;

	while (row + n < PQntuples(result) &&
		strcmp(PQgetvalue(result, row + n, COLUMN_ID), PQgetvalue(result, row, COLUMN_ID)) == 0)
		n++;
	return n;
}

static char *list_columns(struct arena *arena, const PGresult *result, int row, uint32_t n)
{
	size_t nbytes = 1;

	for (uint32_t i = 0; i < n; i++)
		nbytes += (size_t)PQgetlength(result, row + (int)i, COLUMN_QUOTED) + 2;
	char *list = arena_take(arena, nbytes), *at = list;
	for (uint32_t i = 0; list && i < n; i++) {
		at = i ? stpcpy(at, ", ") : at;
		at = stpcpy(at, PQgetvalue(result, row + (int)i, COLUMN_QUOTED));
	}
	return list;
}

static int table_read(struct arena *arena, const PGresult *result, int row, int nrows, struct postgres_table *table)
{
	table->id = copy(arena, result, row, COLUMN_ID);
	table->name = copy(arena, result, row, COLUMN_NAME);
	table->source = copy(arena, result, row, COLUMN_SOURCE);
	table->plain = *PQgetvalue(result, row, COLUMN_PLAIN) == '1';
	table->ncolumns = PQgetisnull(result, row, COLUMN_ATTRIBUTE) ? 0 : (uint32_t)nrows;
	table->list = list_columns(arena, result, row, table->ncolumns);
	table->types = arena_take(arena, table->ncolumns + 1UL);
	table->columns = arena_array(arena, table->ncolumns, sizeof *table->columns);
	if (!table->id || !table->name || !table->source || !table->list || !table->types || !table->columns)
		return -1;
	for (uint32_t i = 0; i < table->ncolumns; i++)
		if (column_read(arena, result, row + (int)i, &table->columns[i], &table->types[i]) < 0)
			return -1;
	return 0;
}

static int tables_read(struct postgres_catalogue *catalogue, const PGresult *result)
{
	catalogue->tables = arena_array(catalogue->arena, (size_t)PQntuples(result), sizeof *catalogue->tables);
	for (int row = 0, n; catalogue->tables && row < PQntuples(result); row += n) {
		n = count_columns(result, row);
		if (table_read(catalogue->arena, result, row, n, &catalogue->tables[catalogue->ntables++]) < 0)
			return -1;
	}
	return catalogue->tables ? 0 : -1;
}

static int references_read(struct postgres_catalogue *catalogue, const PGresult *result)
{
	catalogue->references = arena_array(catalogue->arena, (size_t)PQntuples(result), sizeof *catalogue->references);
	if (!catalogue->references)
		return -1;
	for (int i = 0; i < PQntuples(result); i++) {
		struct postgres_reference *reference = &catalogue->references[catalogue->nreferences++];
		reference->table = copy(catalogue->arena, result, i, 0);
		reference->column = copy(catalogue->arena, result, i, 1);
		reference->refers = copy(catalogue->arena, result, i, 2);
		reference->key = copy(catalogue->arena, result, i, 3);
		if (!reference->table || !reference->column || !reference->refers || !reference->key)
			return -1;
	}
	return 0;
}

int postgres_catalogue_prepare(struct server *server, struct complaint *complaint)
{
	return postgres_run(server, prepare_sql, complaint);
}

struct postgres_catalogue *postgres_catalogue_read(struct server *server, struct complaint *complaint)
{
	struct postgres_catalogue *catalogue = calloc(1, sizeof *catalogue);
	int code = -1;

	if (!catalogue)
		return NULL;
	catalogue->arena = arena_open();
	if (!catalogue->arena || postgres_send(server, "EXECUTE race_tables; EXECUTE race_references", complaint) < 0)
		goto done;
	PGresult *tables = postgres_next(server, complaint);
	PGresult *references = tables ? postgres_next(server, complaint) : NULL;
	if (references && tables_read(catalogue, tables) == 0)
		code = references_read(catalogue, references);
	PQclear(tables);
	PQclear(references);
	postgres_drain(server);
done:
	if (code == 0)
		return catalogue;
	postgres_catalogue_close(catalogue);
	return NULL;
}

void postgres_catalogue_close(struct postgres_catalogue *catalogue)
{
	if (!catalogue)
		return;
	arena_close(catalogue->arena);
	free(catalogue);
}

static size_t count_bytes(const PGresult *rows, int first)
{
	size_t nbytes = 0;

	for (int i = 0; i < PQntuples(rows); i++)
		for (int j = first; j < PQnfields(rows); j++)
			nbytes += (size_t)PQgetlength(rows, i, j) + 2;
	return nbytes;
}

int postgres_rows_read(struct arena *arena, const PGresult *rows, int first, const char *types,
	struct image_table *table)
{
	char *at = arena_take(arena, count_bytes(rows, first));

	table->nrows = (uint32_t)PQntuples(rows);
	table->values = arena_array(arena, (size_t)table->nrows * table->ncolumns, sizeof *table->values);
	if (!at || !table->values || PQnfields(rows) - first != (int)table->ncolumns)
		return -1;
	struct image_value *value = table->values;
	for (int i = 0; i < PQntuples(rows); i++)
		for (int j = first; j < PQnfields(rows); j++, value++) {
			size_t nbytes = (size_t)PQgetlength(rows, i, j); /* 0 of NULL */
			value->bytes = at;
			value->nbytes = (uint32_t)nbytes + 1;
			*at++ = PQgetisnull(rows, i, j) ? 'n' : types[j - first];
			at = mempcpy(at, PQgetvalue(rows, i, j), nbytes);
			at++;
		}
	return 0;
}

struct image *postgres_catalogue_image(const struct postgres_catalogue *catalogue, const char *database)
{
	struct image *image = image_new(database);
	int code = image ? image_make_room(image, catalogue->ntables) : -1;

	for (uint32_t i = 0; code == 0 && i < catalogue->ntables; i++) {
		const struct postgres_table *table = &catalogue->tables[i];
		code = image_add_table(image, table->name, table->columns, table->ncolumns);
	}
	if (code == 0)
		return image;
	image_close(image);
	return NULL;
}

struct image *postgres_catalogue_finish(const struct postgres_catalogue *catalogue, struct image *image, bool whole)
{
	for (uint32_t i = 0; whole && i < catalogue->nreferences; i++) {
		const struct postgres_reference *reference = &catalogue->references[i];
		image_refer(image, reference->table, reference->column, reference->refers, reference->key);
	}
	return image_finish(image, whole);
}

#endif
