#if __has_include(<mariadb/mysql.h>)

#include "mariadb_catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"

/* A row per column that holds something; one of a table without any. */
#define TABLES_SQL \
	"SELECT t.TABLE_NAME, t.ENGINE = 'InnoDB', EXISTS (SELECT 1 FROM information_schema.TRIGGERS g WHERE" \
	" g.EVENT_OBJECT_SCHEMA = DATABASE() AND g.EVENT_OBJECT_TABLE = t.TABLE_NAME), c.COLUMN_NAME," \
	" CASE WHEN DATA_TYPE IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') THEN 'i'" \
	" WHEN DATA_TYPE IN ('float', 'double') THEN 'f' WHEN DATA_TYPE LIKE '%%blob' OR DATA_TYPE LIKE '%%binary' OR" \
	" DATA_TYPE = 'bit' THEN 'b' ELSE 't' END, COLUMN_KEY = 'PRI', EXTRA LIKE '%%auto_increment%%', DATA_TYPE = 'float'," \
	" CHARACTER_SET_NAME FROM (SELECT TABLE_NAME, ENGINE" MARIADB_TABLES ") t LEFT JOIN information_schema.COLUMNS c" \
	" ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = t.TABLE_NAME AND c.IS_GENERATED = 'NEVER'" \
	" ORDER BY BINARY t.TABLE_NAME, c.ORDINAL_POSITION"

#define REFERENCES_SQL \
	"SELECT TABLE_NAME, MIN(COLUMN_NAME), MIN(REFERENCED_TABLE_NAME), MIN(REFERENCED_COLUMN_NAME)" \
	" FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE()" \
	" GROUP BY CONSTRAINT_NAME, TABLE_NAME HAVING COUNT(*) = 1"

enum { FIELD_TABLE, FIELD_TRANSACTS, FIELD_FIRES, FIELD_COLUMN, FIELD_TYPE, FIELD_KEY, FIELD_ISSUED, FIELD_FLOAT,
	FIELD_ENCODING };

static char *keep(struct arena *arena, const char *text)
{
	return arena_text(arena, text, strlen(text));
}

static int table_begin(struct arena *arena, MYSQL_ROW row, size_t room, struct mariadb_table *table)
{
	char quoted[MARIADB_QUOTED_BYTES];

	mariadb_quote(quoted, row[FIELD_TABLE]);
	table->name = keep(arena, row[FIELD_TABLE]);
	table->quoted = keep(arena, quoted);
	table->transacts = row[FIELD_TRANSACTS] && *row[FIELD_TRANSACTS] == '1';
	table->fires = *row[FIELD_FIRES] == '1';
	table->types = arena_take(arena, room);
	table->quotes = arena_array(arena, room, sizeof *table->quotes);
	table->encoding = arena_array(arena, room, sizeof *table->encoding);
	table->fields = arena_array(arena, room, sizeof *table->fields);
	return table->name && table->quoted && table->types && table->quotes && table->encoding && table->fields ? 0 : -1;
}

static int column_add(struct arena *arena, MYSQL_ROW row, struct mariadb_table *table)
{
	uint32_t i = table->ncolumns++;
	struct image_column *column = &table->fields[i];
	char quoted[MARIADB_QUOTED_BYTES];

	mariadb_quote(quoted, row[FIELD_COLUMN]);
	table->quotes[i] = keep(arena, quoted);
	table->types[i] = *row[FIELD_TYPE];
	table->encoding[i] = row[FIELD_ENCODING] ? keep(arena, row[FIELD_ENCODING]) : NULL;
	column->name = keep(arena, row[FIELD_COLUMN]);
	column->refers = -1;
	column->flags |= *row[FIELD_KEY] == '1' ? COLUMN_KEY : 0;
	column->flags |= *row[FIELD_ISSUED] == '1' && table->types[i] == 'i' ? COLUMN_SURROGATE : 0;
	return table->quotes[i] && column->name ? 0 : -1;
}

/* `floats` has a letter per column, in the order of all columns. */
static int list_make(struct arena *arena, struct mariadb_table *table, const char *floats)
{
	size_t nbytes = 1;

	for (uint32_t i = 0; i < table->ncolumns; i++)
		nbytes += strlen(table->quotes[i]) + sizeof ", CAST( AS DOUBLE)";
	table->list = arena_take(arena, nbytes);
	char *list = table->list;
	for (uint32_t i = 0; list && i < table->ncolumns; i++)
		list += sprintf(list, floats[i] == '1' ? "%sCAST(%s AS DOUBLE)" : "%s%s", i ? ", " : "", table->quotes[i]);
	return list ? 0 : -1;
}

static int tables_read(struct mariadb_catalogue *catalogue, MYSQL_RES *result)
{
	size_t nrows = mysql_num_rows(result);
	char *floats = calloc(nrows + 1, 1);
	struct mariadb_table *table = NULL;
	int code = floats ? 0 : -1;

	catalogue->tables = arena_array(catalogue->arena, nrows, sizeof *catalogue->tables);
	for (MYSQL_ROW row; code == 0 && catalogue->tables && (row = mysql_fetch_row(result));) {
		if (!table || strcmp(table->name, row[FIELD_TABLE]) != 0) {
			if (table)
				code = list_make(catalogue->arena, table, floats);
			table = &catalogue->tables[catalogue->ntables++];
			code = code < 0 ? -1 : table_begin(catalogue->arena, row, nrows + 1, table);
		}
		if (code == 0 && row[FIELD_COLUMN]) {
			floats[table->ncolumns] = *row[FIELD_FLOAT];
			code = column_add(catalogue->arena, row, table);
		}
	}
	if (code == 0 && table)
		code = list_make(catalogue->arena, table, floats);
	free(floats);
	return catalogue->tables ? code : -1;
}

static int references_read(struct mariadb_catalogue *catalogue, MYSQL_RES *result)
{
	catalogue->references = arena_array(catalogue->arena, mysql_num_rows(result), sizeof *catalogue->references);
	if (!catalogue->references)
		return -1;
	for (MYSQL_ROW row; (row = mysql_fetch_row(result)); catalogue->nreferences++)
		for (int i = 0; i < 4; i++) {
			char *text = keep(catalogue->arena, row[i]);
			if (!text)
				return -1;
			catalogue->references[catalogue->nreferences][i] = text;
		}
	return 0;
}

struct mariadb_catalogue *mariadb_catalogue_read(struct server *server, struct complaint *complaint)
{
	struct mariadb_catalogue *catalogue = calloc(1, sizeof *catalogue);
	int code = -1;

	if (!catalogue)
		return NULL;
	catalogue->arena = arena_open();
	MYSQL_RES *tables = catalogue->arena ? mariadb_query(server, complaint, TABLES_SQL) : NULL;
	MYSQL_RES *references = tables ? mariadb_query(server, complaint, REFERENCES_SQL) : NULL;
	if (references && tables_read(catalogue, tables) == 0)
		code = references_read(catalogue, references);
	mysql_free_result(tables);
	mysql_free_result(references);
	if (code == 0)
		return catalogue;
	mariadb_catalogue_close(catalogue);
	return NULL;
}

void mariadb_catalogue_close(struct mariadb_catalogue *catalogue)
{
	if (!catalogue)
		return;
	arena_close(catalogue->arena);
	free(catalogue);
}

static size_t count_bytes(MYSQL_RES *result)
{
	size_t nbytes = 0;

	while (mysql_fetch_row(result)) {
		const unsigned long *lengths = mysql_fetch_lengths(result);
		for (unsigned int i = 0; i < mysql_num_fields(result); i++)
			nbytes += lengths[i] + 2;
	}
	mysql_data_seek(result, 0);
	return nbytes;
}

int mariadb_rows_read(struct arena *arena, MYSQL_RES *result, const char *types, struct image_table *table)
{
	char *at = arena_take(arena, count_bytes(result));

	if (mysql_num_fields(result) != table->ncolumns)
		return -1;
	table->nrows = (uint32_t)mysql_num_rows(result);
	table->values = arena_array(arena, (size_t)table->nrows * table->ncolumns, sizeof *table->values);
	if (!at || !table->values)
		return -1;
	struct image_value *value = table->values;
	for (MYSQL_ROW row; (row = mysql_fetch_row(result));) {
		const unsigned long *lengths = mysql_fetch_lengths(result);
		for (uint32_t i = 0; i < table->ncolumns; i++, value++) {
			*value = (struct image_value){.bytes = at, .nbytes = (uint32_t)lengths[i] + 1};
			*at++ = row[i] ? types[i] : 'n';
			if (row[i])
				at = mempcpy(at, row[i], lengths[i]);
			at++;
		}
	}
	return 0;
}

struct image *mariadb_catalogue_image(const struct mariadb_catalogue *catalogue, const char *database)
{
	struct image *image = image_new(database);
	int code = image ? image_make_room(image, catalogue->ntables) : -1;

	for (uint32_t i = 0; code == 0 && i < catalogue->ntables; i++) {
		const struct mariadb_table *table = &catalogue->tables[i];
		code = image_add_table(image, table->name, table->fields, table->ncolumns);
	}
	if (code == 0)
		return image;
	image_close(image);
	return NULL;
}

struct image *mariadb_catalogue_finish(const struct mariadb_catalogue *catalogue, struct image *image, bool whole)
{
	for (uint32_t i = 0; whole && i < catalogue->nreferences; i++)
		image_refer(image, catalogue->references[i][0], catalogue->references[i][1], catalogue->references[i][2],
			catalogue->references[i][3]);
	return image_finish(image, whole);
}

#endif
