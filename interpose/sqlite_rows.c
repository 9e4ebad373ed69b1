#include "sqlite_rows.h"

#include <string.h>

#include "control.h"
#include "record.h"
#include "self.h"
#include "shared/decimal.h"
#include "shared/hash.h"
#include "sqlite_library.h"
#include "sqlite_statement.h"

enum { VALUES_BYTES = 1024, VALUE_MAX = 120, COLUMNS_MAX = 32 };

struct text {
	char bytes[VALUES_BYTES];
	size_t length;
};

static void put(struct text *text, const char *bytes, size_t nbytes)
{
	size_t room = sizeof text->bytes - 1 - text->length;

	if (nbytes > room)
		nbytes = room;
	for (size_t i = 0; i < nbytes; i++) /* one line per value */
		text->bytes[text->length++] = bytes[i] == '\n' || bytes[i] == '\0' ? ' ' : bytes[i];
	text->bytes[text->length] = '\0';
}

static void put_line_end(struct text *text)
{
	if (text->length + 1 < sizeof text->bytes)
		text->bytes[text->length++] = '\n';
	text->bytes[text->length] = '\0';
}

static void put_integer(struct text *text, int64_t number)
{
	char digits[DECIMAL_BYTES + 1];

	put(text, digits, (size_t)(decimal_write_signed(digits, number) - digits));
}

static void put_value(struct text *text, struct sqlite3_value *value)
{
	int length;

	switch (value ? SQLITE_CALL(value_type, value) : ABI_SQLITE_NULL) {
	case ABI_SQLITE_INTEGER:
		put_integer(text, SQLITE_CALL(value_int64, value));
		break;
	case ABI_SQLITE_TEXT:
		length = SQLITE_CALL(value_bytes, value);
		put(text, (const char *)SQLITE_CALL(value_text, value), (size_t)(length > VALUE_MAX ? VALUE_MAX : length));
		break;
	case ABI_SQLITE_NULL:
		put(text, "NULL", 4);
		break;
	default:
		put(text, "...", 3);
	}
}

static void put_change(struct text *text, struct sqlite_connection *connection, int change)
{
	int ncolumns = SQLITE_CALL(preupdate_count, connection->db);

	for (int i = 0; i < ncolumns && i < COLUMNS_MAX; i++) {
		struct sqlite3_value *old = NULL, *new = NULL;
		if (change != ABI_SQLITE_INSERT)
			SQLITE_CALL(preupdate_old, connection->db, i, &old);
		if (change != ABI_SQLITE_DELETE)
			SQLITE_CALL(preupdate_new, connection->db, i, &new);
		put_integer(text, i);
		put(text, "=", 1);
		put_value(text, old);
		put(text, ">", 1);
		put_value(text, new);
		put_line_end(text);
	}
}

void sqlite_rows_record(struct sqlite_connection *connection, int change, const char *table, int64_t rowid)
{
	struct text values = {.length = 0};
	uint16_t inside = self.inside;
	struct record_row row = {
		.database = connection->database,
		.statement = connection->statement,
		.table = sqlite_statement_table(table),
		.rowid = rowid,
		.change = change == ABI_SQLITE_INSERT ? 'i' : change == ABI_SQLITE_DELETE ? 'd' : 'u',
	};
	const struct statement *statement = &control->statements[connection->statement];

	self.inside = 1;
	for (uint32_t i = 0; i < statement->ntables; i++)
		if (statement->tables[i].table == row.table)
			row.table_name = statement->tables[i].name;
	values.bytes[0] = '\0';
	if ((control_plan()->flags & PLAN_RICH) && sqlite_library()->preupdate_new)
		put_change(&values, connection, change);
	record_row(&row, values.bytes);
	self.inside = inside;
}

static uint64_t digest_column(struct sqlite3_stmt *statement, int column, uint64_t hash, struct text *text)
{
	int type = SQLITE_CALL(column_type, statement, column), length;
	int64_t integer;
	double number;

	hash = hash_bytes(hash, &type, sizeof type);
	switch (type) {
	case ABI_SQLITE_INTEGER:
		integer = SQLITE_CALL(column_int64, statement, column);
		put_integer(text, integer);
		return hash_bytes(hash, &integer, sizeof integer);
	case ABI_SQLITE_FLOAT:
		number = SQLITE_CALL(column_double, statement, column);
		put(text, "...", 3);
		return hash_bytes(hash, &number, sizeof number);
	case ABI_SQLITE_TEXT:
	case ABI_SQLITE_BLOB: {
		const void *bytes = type == ABI_SQLITE_TEXT ? (const void *)SQLITE_CALL(column_text, statement, column)
							     : SQLITE_CALL(column_blob, statement, column);
		length = SQLITE_CALL(column_bytes, statement, column);
		put(text, type == ABI_SQLITE_TEXT ? bytes : "...", type == ABI_SQLITE_BLOB ? 3
				: (size_t)(length > VALUE_MAX ? VALUE_MAX : length));
		return hash_bytes(hash, bytes, bytes ? (size_t)length : 0);
	}
	default:
		put(text, "NULL", 4);
		return hash;
	}
}

uint64_t sqlite_rows_digest(struct sqlite3_stmt *statement, uint32_t index)
{
	int ncolumns = SQLITE_CALL(column_count, statement);
	uint64_t hash = HASH_START;
	struct text text = {.length = 0};

	for (int i = 0; i < ncolumns; i++) {
		const char *name = sqlite_library()->column_name ? SQLITE_CALL(column_name, statement, i) : "";
		put(&text, name ? name : "", name ? strlen(name) : 0);
		put(&text, "=", 1);
		hash = digest_column(statement, i, hash, &text);
		put_line_end(&text);
	}
	if (control_plan()->flags & PLAN_RICH)
		record_value(index, 'r', text.bytes);
	return hash;
}

void sqlite_rows_parameters(struct sqlite3_stmt *statement, uint32_t index)
{

	if (!(control_plan()->flags & PLAN_RICH) || !sqlite_library()->expanded_sql)
		return;
	char *text = SQLITE_CALL(expanded_sql, statement);
	struct text cut = {.length = 0};
	cut.bytes[0] = '\0';
	if (text)
		put(&cut, text, strlen(text));
	record_value(index, 'p', cut.bytes);
	self.inside = 0;
	sqlite_library()->free(text);
	self.inside = 1;
}
