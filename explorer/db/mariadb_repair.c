#if __has_include(<mariadb/mysql.h>)

#include "mariadb_repair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of more rows the table is filled anew on the server. A look is taken again when others on the server work meanwhile. */
enum { MANY_ROWS = 500, TRIES = 3, GROUP = 100, LITERAL_BYTES = 4096 };

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
static void write_key(FILE *stream, const struct mariadb_table *table, const struct image_value *row, const char *before,
	const char *prefix)
{
	const char *and = "";

	fprintf(stream, "%s(", before);
	for (uint32_t i = 0; i < table->ncolumns; i++) {
		if (!(table->fields[i].flags & COLUMN_KEY))
			continue;
		fprintf(stream, "%s%s%s = ", and, prefix, table->quotes[i]);
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

/* How many changed rows are deleted and copied again: of several, one may want what is unique and another one still has. */
static uint32_t replaced_rows(const struct repair *repair)
{
	return repair->nchanged == 1 ? 0 : repair->nchanged;
}

static void write_deletes(FILE *stream, const struct mariadb_table *table, const struct mariadb_looked *looked)
{
	const struct repair *repair = looked->repair;

	for (uint32_t i = 0; i < repair->nextra + replaced_rows(repair); i++) {
		uint32_t row = i < repair->nextra ? repair->extra[i] : repair->changed[i - repair->nextra].now;
		if (i % GROUP == 0)
			fprintf(stream, ";DELETE FROM %s WHERE ", table->quoted);
		write_key(stream, table, row_of(&looked->now, row), i % GROUP ? " OR " : "", "");
	}
}

/* From the copy: not each type's value is the same when it is written as its text says. */
static void write_inserts(FILE *stream, const struct server *server, uint32_t index, const struct repair *repair)
{
	const struct mariadb_start *start = server->start;
	const struct mariadb_table *table = &start->catalogue->tables[index];
	const struct kept_table *kept = &start->kept->tables[index];

	for (uint32_t i = 0; i < repair->nmissing + replaced_rows(repair); i++) {
		uint32_t row = i < repair->nmissing ? repair->missing[i] : repair->changed[i - repair->nmissing].start;
		if (i % GROUP == 0)
			fprintf(stream, ";INSERT INTO %s (%s) SELECT %s FROM %s.copy_%d c WHERE ", table->quoted, kept->columns,
				kept->prefixed, server->copy, kept->id);
		write_key(stream, table, row_of(&start->rows[index], row), i % GROUP ? " OR " : "", "");
	}
}

/* Is a row with these values written as their texts say the same? Numbers that are not whole are rounded, times shifted. */
static bool is_exact(const struct mariadb_table *table, const struct image_value *row)
{
	uint64_t nbytes = 0;

	for (uint32_t i = 0; i < table->ncolumns; i++) {
		char type = row[i].bytes[0];
		if (type != 'n' && type != 'i' && !(type == 't' && table->encoding[i]))
			return false;
		nbytes += row[i].nbytes;
	}
	return nbytes <= LITERAL_BYTES;
}

/*
 * The only changed row, when all that is too much has been deleted. From the copy, unless it is small and simple: reading
 * two tables takes the server three times as long.
 */
static void write_update(FILE *stream, const struct server *server, uint32_t index, const struct repair *repair)
{
	const struct mariadb_table *table = &server->start->catalogue->tables[index];
	const struct image_value *row = row_of(&server->start->rows[index], repair->changed[0].start);
	bool exact = is_exact(table, row);
	const char *comma = "";

	fprintf(stream, ";UPDATE %s t", table->quoted);
	if (!exact)
		fprintf(stream, ", %s.copy_%d c", server->copy, server->start->kept->tables[index].id);
	fputs(" SET ", stream);
	for (uint32_t i = 0; i < table->ncolumns; i++) {
		if (table->fields[i].flags & COLUMN_KEY)
			continue;
		fprintf(stream, "%st.%s = ", comma, table->quotes[i]);
		if (exact)
			write_value(stream, table, i, &row[i]);
		else
			fprintf(stream, "c.%s", table->quotes[i]);
		comma = ", ";
	}
	write_key(stream, table, row, " WHERE ", "t.");
	if (!exact)
		write_key(stream, table, row, " AND ", "c.");
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
		if (repair->nchanged > replaced_rows(repair))
			write_update(stream, server, index, repair);
		write_inserts(stream, server, index, repair);
		return (uint64_t)repair->nextra + repair->nmissing + repair->nchanged + replaced_rows(repair);
	}
	fprintf(stream, ";DELETE FROM %s;INSERT INTO %s (%s) SELECT %s FROM %s.copy_%d c", table->quoted, table->quoted,
		start->kept->tables[index].columns, start->kept->tables[index].prefixed, server->copy, start->kept->tables[index].id);
	return (uint64_t)looked->now.nrows + start->rows[index].nrows;
}

static uint32_t write_increments(FILE *stream, const struct server *server, const struct mariadb_look *look)
{
	const struct kept *kept = server->start->kept;
	uint32_t n = 0;

	for (uint32_t i = 0; i < look->ntables; i++) {
		if (!look->tables[i].renumbered)
			continue;
		fprintf(stream, ";ALTER TABLE %s AUTO_INCREMENT = %llu", kept->tables[i].quoted, kept->tables[i].increment);
		n++;
	}
	return n;
}

/* What is to be done, in one round trip, and what it must have done then. */
struct task {
	char *statements;
	uint64_t nrows;
	uint32_t nincrements;
};

/* First comes what tells whether anybody has worked since the look. False: memory is short. */
static bool write_task(struct task *task, const struct server *server, const struct mariadb_look *look)
{
	size_t nbytes;
	FILE *stream = open_memstream(&task->statements, &nbytes);
	bool same = true;

	if (!stream)
		return false;
	for (uint32_t i = 0; i < look->ntables; i++)
		same = same && rows_of(look->tables[i].repair) == 0;
	fputs(server->start->counts ? "SHOW ENGINE INNODB STATUS;" MARIADB_COUNTS : "SHOW ENGINE INNODB STATUS", stream);
	fputs(same ? "" : ";START TRANSACTION", stream);
	for (uint32_t i = 0; i < look->ntables; i++)
		task->nrows += write_table(stream, server, i, &look->tables[i]);
	fputs(same ? "" : ";COMMIT", stream);
	task->nincrements = write_increments(stream, server, look);
	return fclose(stream) == 0;
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

/* Has nobody worked since the look? */
static enum outcome head_read(struct server *server, const struct mariadb_look *look)
{
	struct mariadb_counts *counts = server->start->counts;
	MYSQL_RES *engine = NULL, *changed = NULL;
	enum outcome outcome = UNABLE;
	bool quiet = false;

	if (mariadb_next(server, NULL, &engine) == 1 && (!counts || mariadb_next(server, NULL, &changed) == 1))
		outcome = mariadb_counter_of(engine, &quiet) == look->counter ? DONE : STALE;
	if (outcome == DONE && counts)
		note_same(counts, look, quiet, changed);
	mysql_free_result(engine);
	mysql_free_result(changed);
	return outcome;
}

/* Changing the number that comes next counts as a change of definitions. */
static bool was_done(struct server *server, const struct task *task)
{
	MYSQL_RES *result = NULL;
	uint64_t nrows = 0;
	int code;

	while ((code = mariadb_next(server, NULL, &result)) == 1) {
		if (!result)
			nrows += mysql_affected_rows(server->connection);
		mysql_free_result(result);
	}
	if (code < 0)
		mariadb_run(server, NULL, "ROLLBACK");
	if (code == 0)
		server->definitions += task->nincrements;
	else if (task->nincrements > 0)
		server->definitions = 0;
	return code == 0 && nrows == task->nrows;
}

/* Where somebody has, what was done here is looked at, too. */
static enum outcome repair(struct server *server, const struct mariadb_look *look)
{
	struct task task = {0};
	enum outcome outcome = UNABLE;

	if (is_able(server, look) && write_task(&task, server, look) && mariadb_send(server, NULL, task.statements) == 0) {
		outcome = head_read(server, look);
		if (!was_done(server, &task) && outcome == DONE)
			outcome = UNABLE;
	}
	free(task.statements);
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
