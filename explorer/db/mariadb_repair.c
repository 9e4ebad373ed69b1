#if __has_include(<mariadb/mysql.h>)

#include "mariadb_repair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of more rows the table is filled anew on the server. A look is taken again when others on the server work meanwhile. */
enum { MANY_ROWS = 500, TRIES = 3, GROUP = 100 };

enum outcome { DONE, STALE, UNABLE };

static bool is_harmless(const struct image_value *value)
{
	for (uint32_t i = 1; i < value->nbytes; i++)
		if (value->bytes[i] < ' ' || value->bytes[i] > '~' || value->bytes[i] == '\'' || value->bytes[i] == '\\')
			return false;
	return true;
}

/*
 * Numbers and times as they are; texts as bytes, so that nothing has to be escaped, and of the column's character set, so
 * that its index is used.
 */
static void write_value(FILE *stream, const struct mariadb_table *table, uint32_t column, const struct image_value *value)
{
	char type = value->bytes[0];
	bool plain = type == 'i' || type == 'f' || (type == 't' && !table->encoding[column]);

	if (type == 'n') {
		fputs("NULL", stream);
	} else if (plain && is_harmless(value)) {
		fprintf(stream, "'%s'", value->bytes + 1);
	} else {
		if (type == 't' && table->encoding[column])
			fprintf(stream, "_%s ", table->encoding[column]);
		fputs(value->nbytes > 1 ? "0x" : "''", stream);
		for (uint32_t i = 1; i < value->nbytes; i++)
			fprintf(stream, "%02x", (unsigned char)value->bytes[i]);
	}
}

static const struct image_value *row_of(const struct image_table *table, uint32_t row)
{
	return table->values + (size_t)row * table->ncolumns;
}

/* One condition per row on its key: an index serves each. */
static void write_key(FILE *stream, const struct mariadb_table *table, const struct image_value *row)
{
	const char *and = "";

	fputc('(', stream);
	for (uint32_t i = 0; i < table->ncolumns; i++) {
		if (!(table->fields[i].flags & COLUMN_KEY))
			continue;
		fprintf(stream, "%s%s = ", and, table->quotes[i]);
		write_value(stream, table, i, &row[i]);
		and = " AND ";
	}
	fputc(')', stream);
}

static bool has_key(const struct mariadb_table *table)
{
	for (uint32_t i = 0; i < table->ncolumns; i++)
		if (table->fields[i].flags & COLUMN_KEY)
			return true;
	return false;
}

static uint32_t rows_of(const struct repair *repair)
{
	return !repair ? 0 : repair->nextra + repair->nmissing + repair->nchanged;
}

static void write_deletes(FILE *stream, const struct mariadb_table *table, const struct mariadb_looked *looked)
{
	const struct repair *repair = looked->repair;

	for (uint32_t i = 0; i < repair->nextra + repair->nchanged; i++) {
		uint32_t row = i < repair->nextra ? repair->extra[i] : repair->changed[i - repair->nextra].now;
		if (i % GROUP == 0)
			fprintf(stream, ";DELETE FROM %s WHERE ", table->quoted);
		fputs(i % GROUP ? " OR " : "", stream);
		write_key(stream, table, row_of(&looked->now, row));
	}
}

/* From the copy: not each type's value is the same when it is written as its text says. */
static void write_inserts(FILE *stream, const struct server *server, uint32_t index, const struct repair *repair)
{
	const struct mariadb_start *start = server->start;
	const struct mariadb_table *table = &start->catalogue->tables[index];
	const struct kept_table *kept = &start->kept->tables[index];

	for (uint32_t i = 0; i < repair->nmissing + repair->nchanged; i++) {
		uint32_t row = i < repair->nmissing ? repair->missing[i] : repair->changed[i - repair->nmissing].start;
		if (i % GROUP == 0)
			fprintf(stream, ";INSERT INTO %s (%s) SELECT %s FROM %s.copy_%d c WHERE ", table->quoted, kept->columns,
				kept->prefixed, server->copy, kept->id);
		fputs(i % GROUP ? " OR " : "", stream);
		write_key(stream, table, row_of(&start->rows[index], row));
	}
}

/* Rows that the statements written for this table must have changed. */
static uint64_t write_table(FILE *stream, const struct server *server, uint32_t index, const struct mariadb_looked *looked)
{
	const struct mariadb_start *start = server->start;
	const struct mariadb_table *table = &start->catalogue->tables[index];
	const struct repair *repair = looked->repair;

	if (rows_of(repair) == 0)
		return 0;
	if (has_key(table) && rows_of(repair) <= MANY_ROWS) {
		write_deletes(stream, table, looked);
		write_inserts(stream, server, index, repair);
		return repair->nextra + repair->nmissing + 2UL * repair->nchanged;
	}
	fprintf(stream, ";DELETE FROM %s;INSERT INTO %s (%s) SELECT %s FROM %s.copy_%d c", table->quoted, table->quoted,
		start->kept->tables[index].columns, start->kept->tables[index].prefixed, server->copy, start->kept->tables[index].id);
	return (uint64_t)looked->now.nrows + start->rows[index].nrows;
}

/* Statements; NULL: nothing has to be done, or memory is short (`wanted` tells). */
static char *write_repair(const struct server *server, const struct mariadb_look *look, uint64_t *wanted)
{
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	*wanted = 0;
	if (!stream)
		return NULL;
	fputs("START TRANSACTION", stream);
	for (uint32_t i = 0; i < look->ntables; i++)
		*wanted += write_table(stream, server, i, &look->tables[i]);
	fputs(";COMMIT", stream);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

static enum outcome run_repair(struct server *server, const struct mariadb_look *look)
{
	uint64_t wanted, written = 0;
	char *statements = write_repair(server, look, &wanted);
	MYSQL_RES *result = NULL;
	int code = 1;

	if (!statements || wanted == 0) {
		free(statements);
		return statements ? DONE : UNABLE;
	}
	if (mariadb_send(server, NULL, statements) < 0)
		code = -1;
	free(statements);
	while (code == 1 && (code = mariadb_next(server, NULL, &result)) == 1) {
		if (!result)
			written += mysql_affected_rows(server->connection);
		mysql_free_result(result);
	}
	if (code < 0)
		mariadb_run(server, NULL, "ROLLBACK");
	return code == 0 && written == wanted ? DONE : UNABLE;
}

/* Numbers are handed out beside transactions: also a table that is as it was may have handed out some. */
static int increments_put_back(struct server *server, MYSQL_RES *numbers)
{
	const struct kept *kept = server->start->kept;

	for (MYSQL_ROW row; numbers && (row = mysql_fetch_row(numbers));)
		for (uint32_t i = 0; i < kept->n; i++) {
			const struct kept_table *table = &kept->tables[i];
			if (strcmp(table->name, row[0]) != 0 || table->increment == 0 || table->increment == strtoull(row[1], NULL, 10))
				continue;
			if (mariadb_run(server, NULL, "ALTER TABLE %s AUTO_INCREMENT = %llu", table->quoted, table->increment) < 0)
				return -1;
			server->definitions++; /* it is counted */
		}
	return numbers ? 0 : -1;
}

/* Can this look be acted upon row by row? Triggers would run for that. */
static bool is_able(const struct server *server, const struct mariadb_look *look)
{
	for (uint32_t i = 0; i < look->ntables; i++)
		if (rows_of(look->tables[i].repair) > 0 && server->start->catalogue->tables[i].fires)
			return false;
	return true;
}

/* Tables that were as they are to be when nobody worked. */
static void note_same(struct mariadb_counts *counts, const struct mariadb_look *look, bool quiet, MYSQL_RES *changed)
{
	mariadb_counts_settle(counts, changed);
	for (uint32_t i = 0; i < look->ntables; i++)
		mariadb_counts_set(counts, i, quiet && rows_of(look->tables[i].repair) == 0);
}

static enum outcome repair(struct server *server, const struct mariadb_look *look)
{
	MYSQL_RES *engine = NULL, *numbers = NULL, *changed = NULL;
	enum outcome outcome = UNABLE;
	bool quiet = false;

	if (!is_able(server, look) || mariadb_send(server, NULL, server->start->counts ?
			"SHOW ENGINE INNODB STATUS; " MARIADB_NUMBERS ";" MARIADB_COUNTS : "SHOW ENGINE INNODB STATUS; " MARIADB_NUMBERS) < 0)
		return UNABLE;
	if (mariadb_next(server, NULL, &engine) == 1 && mariadb_next(server, NULL, &numbers) == 1 &&
		(!server->start->counts || mariadb_next(server, NULL, &changed) == 1))
		outcome = mariadb_counter_of(engine, &quiet) == look->counter ? DONE : STALE;
	if (mariadb_drain(server) < 0)
		outcome = UNABLE;
	if (outcome == DONE && server->start->counts)
		note_same(server->start->counts, look, quiet, changed);
	if (outcome == DONE)
		outcome = run_repair(server, look);
	if (outcome == DONE && increments_put_back(server, numbers) < 0)
		outcome = UNABLE;
	mysql_free_result(engine);
	mysql_free_result(numbers);
	mysql_free_result(changed);
	return outcome;
}

bool mariadb_repair(struct server *server)
{
	struct mariadb_start *start = server->start;
	enum outcome outcome = STALE;

	for (int i = 0; i < TRIES && outcome == STALE; i++) {
		if (!start->last)
			start->last = mariadb_look_open(server);
		outcome = start->last ? repair(server, start->last) : UNABLE;
		mariadb_look_close(start->last);
		start->last = NULL;
	}
	return outcome == DONE;
}

#endif
