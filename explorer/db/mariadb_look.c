#if __has_include(<mariadb/mysql.h>)

#include "mariadb_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "mariadb_questions.h"

enum { COUNTED_ROWS = 1000, FEW_TABLES = 6 };

static struct image_table table_like(const struct mariadb_table *table)
{
	return (struct image_table){.name = table->name, .ncolumns = table->ncolumns, .columns = table->fields};
}

static int kept_read(struct server *server, struct mariadb_start *start, uint32_t index)
{
	const struct mariadb_table *table = &start->catalogue->tables[index];
	int code = -1;

	if (!table->transacts || strcmp(table->name, start->kept->tables[index].name) != 0)
		return -1;
	MYSQL_RES *result = mariadb_query(server, NULL, "SELECT %s FROM %s.copy_%d", table->list, server->copy,
		start->kept->tables[index].id);
	start->rows[index] = table_like(table);
	if (result)
		code = mariadb_rows_read(start->arena, result, table->types, &start->rows[index]);
	mysql_free_result(result);
	start->indices[index] = code == 0 ? repair_index_open(&start->rows[index]) : NULL;
	return start->indices[index] ? 0 : -1;
}

/* Counting costs a round trip, and less than reading so many rows. */
static bool is_worth_counting(const struct mariadb_start *start)
{
	uint64_t nrows = 0;

	for (uint32_t i = 0; i < start->kept->n; i++)
		nrows += start->rows[i].nrows;
	return nrows >= COUNTED_ROWS;
}

void mariadb_start_read(struct server *server)
{
	struct mariadb_start *start = server->start = calloc(1, sizeof *start);

	if (!start)
		return;
	start->arena = arena_open();
	start->catalogue = start->arena ? mariadb_catalogue_read(server, NULL) : NULL;
	start->kept = start->catalogue ? mariadb_kept_open(server, 0, NULL) : NULL;
	if (!start->kept || start->kept->n != start->catalogue->ntables)
		goto fail;
	start->rows = arena_array(start->arena, start->kept->n, sizeof *start->rows);
	start->indices = arena_array(start->arena, start->kept->n, sizeof *start->indices);
	if (!start->rows || !start->indices)
		goto fail;
	for (uint32_t i = 0; i < start->kept->n; i++)
		if (kept_read(server, start, i) < 0)
			goto fail;
	for (uint32_t i = 0; i < start->kept->n; i++)
		start->nnumbered += start->kept->tables[i].increment > 0;
	start->counts = is_worth_counting(start) ? mariadb_counts_open(server, start->catalogue) : NULL;
	return;
fail:
	mariadb_start_close(server);
}

void mariadb_start_close(struct server *server)
{
	struct mariadb_start *start = server->start;

	server->start = NULL;
	if (!start)
		return;
	mariadb_counts_close(start->counts, server);
	for (uint32_t i = 0; start->indices && i < start->catalogue->ntables; i++)
		repair_index_close(start->indices[i]);
	mariadb_look_close(start->last);
	mariadb_kept_close(start->kept);
	mariadb_catalogue_close(start->catalogue);
	arena_close(start->arena);
	free(start);
}

void mariadb_look_close(struct mariadb_look *look)
{
	if (!look)
		return;
	for (uint32_t i = 0; look->tables && i < look->ntables; i++)
		repair_close(look->tables[i].repair);
	arena_close(look->arena);
	free(look);
}

uint64_t mariadb_counter_of(MYSQL_RES *status, bool *quiet)
{
	static const char name[] = "\nTrx id counter ";
	MYSQL_ROW row = status ? mysql_fetch_row(status) : NULL;
	const char *at = row && row[2] ? strstr(row[2], name) : NULL;

	*quiet = at && !strstr(at, "undo log entries");

	return at ? strtoull(at + sizeof name - 1, NULL, 10) : 0;
}

static bool is_read(const struct mariadb_start *start, uint32_t table)
{
	return !start->counts || mariadb_counts_differ(start->counts, table);
}

static void write_reads(FILE *stream, const struct mariadb_start *start)
{
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		if (is_read(start, i))
			fprintf(stream, "SELECT %s FROM %s;", start->catalogue->tables[i].list, start->catalogue->tables[i].quoted);
	fputs("ROLLBACK", stream);
}

/* Table by table is quicker than a look at all for some. */
static bool is_numbered_singly(const struct mariadb_start *start, uint32_t table)
{
	return start->nnumbered <= FEW_TABLES && start->kept->tables[table].increment > 0;
}

static void write_numbers(FILE *stream, const struct mariadb_start *start)
{
	for (uint32_t i = 0; i < start->kept->n; i++)
		if (is_numbered_singly(start, i))
			fprintf(stream, "SHOW CREATE TABLE %s;", start->kept->tables[i].quoted);
	if (start->nnumbered > FEW_TABLES)
		fputs(MARIADB_NUMBERS ";", stream);
}

/* The first round trip, and the last one unless tables are to be chosen. */
static int look_send(struct server *server)
{
	char *text, quoted[MARIADB_QUOTED_BYTES];
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return -1;
	fputs("SHOW ENGINE INNODB STATUS; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;", stream);
	write_numbers(stream, server->start);
	mariadb_quote(quoted, server->database);
	if (server->start->counts)
		fprintf(stream, MARIADB_IN_USE ";" MARIADB_COUNTS, quoted);
	else
		write_reads(stream, server->start);
	int code = fclose(stream) == 0 ? mariadb_send(server, NULL, text) : -1;
	free(text);
	return code;
}

static void note_number(struct mariadb_look *look, const struct mariadb_start *start, uint32_t table, unsigned long long number)
{
	unsigned long long wanted = start->kept->tables[table].increment;

	look->tables[table].renumbered = wanted > 0 && wanted != number;
}

/* By its definition, which is that of the start. */
static int number_read(struct server *server, struct mariadb_look *look, uint32_t table)
{
	MYSQL_RES *result = NULL;
	unsigned long long number = 0;
	int code = mariadb_next(server, NULL, &result) == 1 ? 0 : -1;
	char *definition = code == 0 ? mariadb_definition_of(result, &number) : NULL;

	if (!definition || strcmp(definition, server->start->kept->tables[table].definition) != 0)
		code = -1;
	note_number(look, server->start, table, number);
	mysql_free_result(result);
	free(definition);
	return code;
}

static int all_numbers_read(struct server *server, struct mariadb_look *look)
{
	MYSQL_RES *numbers = NULL;
	int code = mariadb_next(server, NULL, &numbers) == 1 && numbers ? 0 : -1;

	for (MYSQL_ROW row; code == 0 && (row = mysql_fetch_row(numbers));)
		for (uint32_t i = 0; i < look->ntables; i++)
			if (strcmp(server->start->kept->tables[i].name, row[0]) == 0)
				note_number(look, server->start, i, strtoull(row[1], NULL, 10));
	mysql_free_result(numbers);
	return code;
}

static int numbers_read(struct server *server, struct mariadb_look *look)
{
	int code = server->start->nnumbered > FEW_TABLES ? all_numbers_read(server, look) : 0;

	for (uint32_t i = 0; code == 0 && i < look->ntables; i++)
		if (is_numbered_singly(server->start, i))
			code = number_read(server, look, i);
	return code;
}

static int head_read(struct server *server, struct mariadb_look *look)
{
	MYSQL_RES *engine = NULL, *none = NULL;
	bool fine = mariadb_next(server, NULL, &engine) == 1 && mariadb_next(server, NULL, &none) == 1 && engine;
	bool quiet;

	look->counter = fine ? mariadb_counter_of(engine, &quiet) : 0;
	mysql_free_result(engine);
	mysql_free_result(none);
	return look->counter == 0 ? -1 : numbers_read(server, look);
}

/* Which tables are to be read; the second round trip. */
static int choose(struct server *server)
{
	MYSQL_RES *in_use = NULL, *changed = NULL;
	bool fine = mariadb_next(server, NULL, &in_use) == 1 && mariadb_next(server, NULL, &changed) == 1 && in_use && changed;
	char *text = NULL;
	size_t nbytes;

	if (fine)
		mariadb_counts_read(server->start->counts, in_use, changed);
	mysql_free_result(in_use);
	mysql_free_result(changed);
	if (mariadb_drain(server) < 0 || !fine)
		return -1;
	FILE *stream = open_memstream(&text, &nbytes);
	if (!stream)
		return -1;
	write_reads(stream, server->start);
	int code = fclose(stream) == 0 ? mariadb_send(server, NULL, text) : -1;
	free(text);
	return code;
}

static int looked_read(struct server *server, struct mariadb_look *look, uint32_t index)
{
	const struct mariadb_table *table = &server->start->catalogue->tables[index];
	struct mariadb_looked *looked = &look->tables[index];
	MYSQL_RES *rows = NULL;
	int code = -1;

	looked->now = table_like(table);
	if (mariadb_next(server, NULL, &rows) == 1 && rows)
		code = mariadb_rows_read(look->arena, rows, table->types, &looked->now);
	mysql_free_result(rows);
	looked->repair = code == 0 ? repair_open(server->start->indices[index], &looked->now) : NULL;
	return looked->repair ? 0 : -1;
}

static int tables_read(struct server *server, struct mariadb_look *look)
{
	int code = server->start->counts ? choose(server) : 0;

	for (uint32_t i = 0; code == 0 && i < look->ntables; i++)
		if (is_read(server->start, i))
			code = looked_read(server, look, i);
		else
			look->tables[i].now = server->start->rows[i];
	return code;
}

/*
 * Are definitions what they were at the start? Asked when all else has been read, by which time what calms the program's
 * sessions has been counted, too.
 */
static bool are_definitions_same(struct server *server)
{
	if (mariadb_questions_are_known(server))
		return true;
	if (mariadb_definitions(server) != server->definitions)
		return false;
	mariadb_questions_settle(server);
	return true;
}

struct mariadb_look *mariadb_look_open(struct server *server)
{
	struct mariadb_look *look = server->start && server->definitions > 0 ? calloc(1, sizeof *look) : NULL;

	if (!look)
		return NULL;
	look->arena = arena_open();
	look->ntables = server->start->catalogue->ntables;
	look->tables = look->arena ? arena_array(look->arena, look->ntables, sizeof *look->tables) : NULL;
	int code = look->tables ? look_send(server) : -1;
	if (code == 0) {
		code = head_read(server, look);
		if (code == 0)
			code = tables_read(server, look);
		if (mariadb_drain(server) < 0)
			code = -1;
		if (code < 0)
			mariadb_run(server, NULL, "ROLLBACK");
	}
	if (code == 0 && are_definitions_same(server))
		return look;
	mariadb_look_close(look);
	return NULL;
}

#endif
