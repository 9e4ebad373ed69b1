/* The content of a MariaDB database as an image. */
#if __has_include(<mariadb/mysql.h>)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "mariadb.h"

struct reading {
	struct server *server;
	struct image *image;
	struct complaint *complaint;
};

static int value_read(struct arena *arena, const char *bytes, size_t nbytes, char type, struct image_value *value)
{
	value->nbytes = (uint32_t)(bytes ? nbytes : 0) + 1;
	value->bytes = arena_take(arena, (bytes ? nbytes : 0) + 2);
	if (!value->bytes)
		return -1;
	value->bytes[0] = bytes ? type : 'n';
	if (bytes)
		memcpy(value->bytes + 1, bytes, nbytes);
	return 0;
}

static int rows_read(struct reading *reading, struct image_table *table, const char *list, const char *types)
{
	struct arena *arena = reading->image->arena;
	char quoted[MARIADB_QUOTED_BYTES];
	int code = 0;

	mariadb_quote(quoted, table->name);
	MYSQL_RES *result = mariadb_query(reading->server, reading->complaint, "SELECT %s FROM %s", list, quoted);
	if (!result)
		return -1;
	table->nrows = (uint32_t)mysql_num_rows(result);
	table->values = arena_array(arena, (size_t)table->nrows * table->ncolumns, sizeof *table->values);
	struct image_value *value = table->values;
	for (MYSQL_ROW row; value && code == 0 && (row = mysql_fetch_row(result));) {
		const unsigned long *lengths = mysql_fetch_lengths(result);
		for (uint32_t i = 0; code == 0 && i < table->ncolumns; i++)
			code = value_read(arena, row[i], lengths[i], types[i], value++);
	}
	mysql_free_result(result);
	return table->values ? code : -1;
}

static int column_read(struct arena *arena, MYSQL_ROW row, struct image_column *column, char *type)
{
	column->name = arena_text(arena, row[0], strlen(row[0]));
	column->refers = -1;
	*type = *row[1];
	column->flags |= *row[2] == '1' ? COLUMN_KEY : 0;
	column->flags |= *row[3] == '1' && *type == 'i' ? COLUMN_SURROGATE : 0;
	return column->name ? 0 : -1;
}

/* Columns that are computed from others are left out. The list is for SELECT. A FLOAT's text is not all of it. */
static int table_read(struct reading *reading, struct image_table *table)
{
	struct arena *arena = reading->image->arena;
	char quoted[MARIADB_QUOTED_BYTES], name[2 * MARIADB_NAME_BYTES];
	char *list = NULL, *types = NULL;
	size_t nlist = 0;
	int code = -1;

	mysql_real_escape_string(reading->server->connection, name, table->name, strlen(table->name));
	MYSQL_RES *result = mariadb_query(reading->server, reading->complaint, "SELECT COLUMN_NAME, CASE WHEN DATA_TYPE IN"
		" ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') THEN 'i' WHEN DATA_TYPE IN ('float', 'double') THEN 'f'"
		" WHEN DATA_TYPE LIKE '%%blob' OR DATA_TYPE LIKE '%%binary' OR DATA_TYPE = 'bit' THEN 'b' ELSE 't' END,"
		" COLUMN_KEY = 'PRI', EXTRA LIKE '%%auto_increment%%', DATA_TYPE = 'float' FROM information_schema.COLUMNS"
		" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s' AND IS_GENERATED = 'NEVER' ORDER BY ORDINAL_POSITION", name);
	FILE *text = result ? open_memstream(&list, &nlist) : NULL;
	if (!text)
		goto done;
	table->columns = arena_array(arena, mysql_num_rows(result), sizeof *table->columns);
	types = arena_take(arena, mysql_num_rows(result) + 1);
	code = table->columns && types ? 0 : -1;
	for (MYSQL_ROW row; code == 0 && (row = mysql_fetch_row(result)); table->ncolumns++) {
		mariadb_quote(quoted, row[0]);
		fprintf(text, *row[4] == '1' ? "%sCAST(%s AS DOUBLE)" : "%s%s", table->ncolumns ? ", " : "", quoted);
		code = column_read(arena, row, &table->columns[table->ncolumns], &types[table->ncolumns]);
	}
	if (fclose(text) != 0)
		code = -1;
	if (code == 0)
		code = rows_read(reading, table, list, types);
done:
	mysql_free_result(result);
	free(list);
	return code;
}

/* Foreign keys of one column that name another table's surrogate. */
static int references_read(struct reading *reading)
{
	MYSQL_RES *result = mariadb_query(reading->server, reading->complaint, "SELECT TABLE_NAME, MIN(COLUMN_NAME),"
		" MIN(REFERENCED_TABLE_NAME), MIN(REFERENCED_COLUMN_NAME) FROM information_schema.KEY_COLUMN_USAGE"
		" WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_SCHEMA = DATABASE() GROUP BY CONSTRAINT_NAME, TABLE_NAME"
		" HAVING COUNT(*) = 1");

	for (MYSQL_ROW row; result && (row = mysql_fetch_row(result));)
		image_refer(reading->image, row[0], row[1], row[2], row[3]);
	mysql_free_result(result);
	return result ? 0 : -1;
}

static int tables_read(struct reading *reading)
{
	struct image *image = reading->image;
	MYSQL_RES *result = mariadb_query(reading->server, reading->complaint, "SELECT TABLE_NAME" MARIADB_TABLES
		"ORDER BY BINARY TABLE_NAME");
	int code = result ? 0 : -1;

	if (result)
		image->tables = arena_array(image->arena, mysql_num_rows(result), sizeof *image->tables);
	for (MYSQL_ROW row; image->tables && code == 0 && (row = mysql_fetch_row(result));) {
		struct image_table *table = &image->tables[image->ntables];
		table->name = arena_text(image->arena, row[0], strlen(row[0]));
		code = table->name ? table_read(reading, table) : -1;
		image->ntables += code == 0;
	}
	mysql_free_result(result);
	return image->tables ? code : -1;
}

struct image *mariadb_image(struct server *server, const char *database, struct complaint *complaint)
{
	struct reading reading = {.server = server, .image = image_new(database), .complaint = complaint};

	if (!reading.image)
		return NULL;
	int code = mariadb_run(server, complaint, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
	if (code == 0 && (code = tables_read(&reading)) == 0)
		code = references_read(&reading);
	mariadb_run(server, NULL, "ROLLBACK");
	return image_finish(reading.image, code == 0);
}

#endif
