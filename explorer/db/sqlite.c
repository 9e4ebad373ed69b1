/* The adapter for SQLite: a file becomes an image. https://sqlite.org/pragma.html describes the pragmas used. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../arena.h"
#include "image.h"

struct reading {
	sqlite3 *db;
	struct image *image;
};

/* The statement for a query with one text parameter (NULL: none). NULL when it can't be prepared. */
static sqlite3_stmt *query_open(sqlite3 *db, const char *text, const char *parameter)
{
	sqlite3_stmt *query;

	if (sqlite3_prepare_v2(db, text, -1, &query, NULL) != SQLITE_OK)
		return NULL;
	if (parameter && sqlite3_bind_text(query, 1, parameter, -1, SQLITE_TRANSIENT) != SQLITE_OK) {
		sqlite3_finalize(query);
		return NULL;
	}
	return query;
}

/* The first column of the first row, -1 on error. */
static sqlite3_int64 query_number(sqlite3 *db, const char *text, const char *parameter)
{
	sqlite3_stmt *query = query_open(db, text, parameter);
	sqlite3_int64 number = -1;

	if (query && sqlite3_step(query) == SQLITE_ROW)
		number = sqlite3_column_int64(query, 0);
	sqlite3_finalize(query);
	return number;
}

static char *column_text(struct arena *arena, sqlite3_stmt *query, int column)
{
	const char *text = (const char *)sqlite3_column_text(query, column);

	return text ? arena_text(arena, text, strlen(text)) : NULL;
}

/* Type byte and text, see struct image_value. */
static int value_read(struct arena *arena, sqlite3_stmt *query, int column, struct image_value *value)
{
	char number[64];
	const void *bytes = number;
	size_t nbytes = 0;
	char type = 'n';

	switch (sqlite3_column_type(query, column)) {
	case SQLITE_INTEGER:
		type = 'i';
		nbytes = (size_t)snprintf(number, sizeof number, "%lld", sqlite3_column_int64(query, column));
		break;
	case SQLITE_FLOAT:
		type = 'f';
		nbytes = (size_t)snprintf(number, sizeof number, "%.17g", sqlite3_column_double(query, column));
		break;
	case SQLITE_TEXT:
		type = 't';
		bytes = sqlite3_column_text(query, column);
		nbytes = (size_t)sqlite3_column_bytes(query, column);
		break;
	case SQLITE_BLOB:
		type = 'b';
		bytes = sqlite3_column_blob(query, column);
		nbytes = (size_t)sqlite3_column_bytes(query, column);
		break;
	}
	value->nbytes = (uint32_t)nbytes + 1;
	value->bytes = arena_take(arena, nbytes + 2);
	if (!value->bytes)
		return -1;
	value->bytes[0] = type;
	if (nbytes)
		memcpy(value->bytes + 1, bytes, nbytes);
	return 0;
}

/* Columns in declared order; those computed from others and hidden ones of virtual tables are left out. */
static int columns_read(struct reading *reading, struct image_table *table, bool has_rowid)
{
	struct arena *arena = reading->image->arena;
	sqlite3_int64 ncolumns = query_number(reading->db,
		"SELECT count(*) FROM pragma_table_xinfo(?1) WHERE hidden = 0", table->name);
	sqlite3_int64 nkeys = query_number(reading->db,
		"SELECT count(*) FROM pragma_table_xinfo(?1) WHERE pk > 0", table->name);
	sqlite3_stmt *query = query_open(reading->db,
		"SELECT name, type, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid", table->name);

	table->columns = arena_array(arena, ncolumns > 0 ? (size_t)ncolumns : 0, sizeof *table->columns);
	while (query && table->columns && table->ncolumns < ncolumns && sqlite3_step(query) == SQLITE_ROW) {
		struct image_column *column = &table->columns[table->ncolumns++];
		const char *type = (const char *)sqlite3_column_text(query, 1);
		bool key = sqlite3_column_int(query, 2) > 0;
		column->name = column_text(arena, query, 0);
		column->refers = -1;
		if (key)
			column->flags |= COLUMN_KEY;
		/* only this spelling is an alias of the rowid, which is what SQLite hands out */
		if (key && nkeys == 1 && has_rowid && type && sqlite3_stricmp(type, "INTEGER") == 0)
			column->flags |= COLUMN_SURROGATE;
		if (!column->name)
			table->columns = NULL;
	}
	sqlite3_finalize(query);
	return table->columns && table->ncolumns == ncolumns ? 0 : -1;
}

/* SELECT of all the table's columns, as text to be freed by sqlite3_free. */
static char *select_text(const struct image_table *table)
{
	sqlite3_str *text = sqlite3_str_new(NULL);

	for (uint32_t i = 0; i < table->ncolumns; i++)
		sqlite3_str_appendf(text, "%s\"%w\"", i ? ", " : "SELECT ", table->columns[i].name);
	sqlite3_str_appendf(text, " FROM \"%w\"", table->name);
	return sqlite3_str_finish(text);
}

static sqlite3_int64 row_count(sqlite3 *db, const char *table)
{
	char *text = sqlite3_mprintf("SELECT count(*) FROM \"%w\"", table);
	sqlite3_int64 count = text ? query_number(db, text, NULL) : -1;

	sqlite3_free(text);
	return count;
}

static int rows_read(struct reading *reading, struct image_table *table)
{
	struct arena *arena = reading->image->arena;
	sqlite3_int64 nrows = row_count(reading->db, table->name);
	int result = -1;

	if (nrows < 0 || nrows > UINT32_MAX)
		return -1;
	table->values = arena_array(arena, (size_t)nrows * table->ncolumns, sizeof *table->values);
	char *text = select_text(table);
	sqlite3_stmt *query = text && table->values ? query_open(reading->db, text, NULL) : NULL;
	if (!query)
		goto done;
	struct image_value *value = table->values;
	int code;
	while ((code = sqlite3_step(query)) == SQLITE_ROW && table->nrows < nrows) {
		for (uint32_t i = 0; i < table->ncolumns; i++)
			if (value_read(arena, query, (int)i, value++) < 0)
				goto done;
		table->nrows++;
	}
	result = code == SQLITE_DONE ? 0 : -1;
done:
	sqlite3_finalize(query);
	sqlite3_free(text);
	return result;
}

/* Foreign keys that name another table's surrogate. */
static int references_read(struct reading *reading, struct image_table *table)
{
	sqlite3_stmt *query = query_open(reading->db,
		"SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1)", table->name);

	while (query && sqlite3_step(query) == SQLITE_ROW) {
		const char *from = (const char *)sqlite3_column_text(query, 1);
		const char *to = (const char *)sqlite3_column_text(query, 2);
		int32_t refers = image_find_table(reading->image, (const char *)sqlite3_column_text(query, 0));
		int32_t column = from ? image_find_column(table, from) : -1;
		int32_t surrogate = refers >= 0 ? image_surrogate(&reading->image->tables[refers]) : -1;
		if (column < 0 || surrogate < 0 || table->columns[column].flags & COLUMN_SURROGATE ||
		    (to && image_find_column(&reading->image->tables[refers], to) != surrogate))
			continue;
		table->columns[column].flags |= COLUMN_REFERENCE;
		table->columns[column].refers = refers;
	}
	sqlite3_finalize(query);
	return query ? 0 : -1;
}

/*
 * All tables but SQLite's own and the shadows of virtual ones. A virtual table whose module we lack can't be read
 * and is left out; its content is in its shadows only.
 */
static int tables_read(struct reading *reading)
{
	static const char from[] = " FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')"
		" AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
	char count[256], list[256];

	snprintf(count, sizeof count, "SELECT count(*)%s", from);
	snprintf(list, sizeof list, "SELECT name, type, wr%s ORDER BY name", from);
	struct image *image = reading->image;
	sqlite3_int64 ntables = query_number(reading->db, count, NULL);
	if (ntables < 0)
		return -1;
	image->tables = arena_array(image->arena, (size_t)ntables, sizeof *image->tables);
	sqlite3_stmt *query = image->tables ? query_open(reading->db, list, NULL) : NULL;
	int result = query ? 0 : -1;
	while (result == 0 && image->ntables < ntables && sqlite3_step(query) == SQLITE_ROW) {
		struct image_table *table = &image->tables[image->ntables];
		bool virtual = strcmp((const char *)sqlite3_column_text(query, 1), "virtual") == 0;
		table->name = column_text(image->arena, query, 0);
		if (table->name && columns_read(reading, table, sqlite3_column_int(query, 2) == 0) == 0 &&
		    rows_read(reading, table) == 0)
			image->ntables++;
		else if (virtual)
			memset(table, 0, sizeof *table);
		else
			result = -1;
	}
	sqlite3_finalize(query);
	return result;
}

static int image_read(struct reading *reading)
{
	/* one read transaction, so that all tables are of one state */
	if (sqlite3_exec(reading->db, "PRAGMA trusted_schema = OFF; BEGIN; SELECT 1 FROM sqlite_schema", NULL, NULL,
		    NULL) != SQLITE_OK)
		return -1;
	if (tables_read(reading) < 0)
		return -1;
	for (uint32_t i = 0; i < reading->image->ntables; i++)
		if (references_read(reading, &reading->image->tables[i]) < 0)
			return -1;
	image_link(reading->image);
	return 0;
}

struct image *sqlite_image(const char *path, const char *database, char *reason, size_t reason_bytes)
{
	struct reading reading = {.image = image_new(database)};

	if (!reading.image) {
		snprintf(reason, reason_bytes, "not enough memory to read the database %s", database);
		return NULL;
	}
	/* writable, because a hot journal must be rolled back before anything can be read */
	int code = sqlite3_open_v2(path, &reading.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		sqlite3_db_config(reading.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (code != SQLITE_OK || image_read(&reading) < 0) {
		snprintf(reason, reason_bytes, "the database %s can't be read: %s", database,
			code == SQLITE_OK && sqlite3_errcode(reading.db) == SQLITE_OK ? "not enough memory" :
			sqlite3_errmsg(reading.db));
		image_close(reading.image);
		reading.image = NULL;
	}
	sqlite3_close(reading.db);
	return reading.image;
}
