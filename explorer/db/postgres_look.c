#if __has_include(<postgresql/libpq-fe.h>)

#include "postgres_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "postgres_reset.h"

/* What says how tables look; of objects that initdb has not made. */
static const char *const catalogues[POSTGRES_CATALOGUES] = {
	"pg_class WHERE oid >= 16384", "pg_attribute WHERE attrelid >= 16384 AND attnum > 0", "pg_constraint WHERE oid >= 16384",
	"pg_trigger WHERE oid >= 16384", "pg_namespace", "pg_attrdef WHERE oid >= 16384", "pg_proc WHERE oid >= 16384",
	"pg_type WHERE oid >= 16384", "pg_rewrite WHERE oid >= 16384", "pg_policy", "pg_extension",
};

#define IS_FRESH "age(xmin) <= (SELECT age($1))"

/* Runs the statements of `text`, which it frees. */
static int prepare(struct server *server, FILE *stream, char **text)
{
	int code = fclose(stream) == 0 ? postgres_run(server, *text, NULL) : -1;

	free(*text);
	return code;
}

/* race_look: rows of each catalogue and table, and how many of them are fresh. race_rows_N: the fresh ones, race_all_N. */
static int prepare_looks(struct server *server, const struct postgres_start *start)
{
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return -1;
	fprintf(stream, "PREPARE race_look (xid) AS ");
	for (size_t i = 0; i < POSTGRES_CATALOGUES; i++)
		fprintf(stream, "%sSELECT %zu, count(*), count(*) FILTER (WHERE " IS_FRESH ") FROM %s", i ? " UNION ALL " : "", i,
			catalogues[i]);
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		fprintf(stream, " UNION ALL SELECT %u, count(*), count(*) FILTER (WHERE " IS_FRESH ") FROM %s",
			POSTGRES_CATALOGUES + i, start->catalogue->tables[i].source);
	for (uint32_t i = 0; i < start->catalogue->ntables; i++) {
		const struct postgres_table *table = &start->catalogue->tables[i];
		const char *comma = table->ncolumns ? ", " : "";
		fprintf(stream, "; PREPARE race_rows_%u (xid) AS SELECT ctid%s%s FROM %s WHERE " IS_FRESH, i, comma, table->list,
			table->source);
		fprintf(stream, "; PREPARE race_all_%u AS SELECT ctid%s%s FROM %s", i, comma, table->list, table->source);
	}
	return prepare(server, stream, &text);
}

/* "(page,item)" */
static struct postgres_place place_read(const char *text)
{
	char *end = NULL;
	unsigned long page = strtoul(text + 1, &end, 10);

	return (struct postgres_place){.page = (uint32_t)page, .item = (uint16_t)strtoul(end + 1, NULL, 10)};
}

static struct postgres_place *places_read(struct arena *arena, const PGresult *rows)
{
	struct postgres_place *places = arena_array(arena, (size_t)PQntuples(rows), sizeof *places);

	for (int i = 0; places && i < PQntuples(rows); i++)
		places[i] = place_read(PQgetvalue(rows, i, 0));
	return places;
}

static int kept_find(struct server *server, struct postgres_start *start, uint32_t index)
{
	struct postgres_kept *kept = &start->tables[index];
	char *texts[4] = {NULL}, sql[512];

	snprintf(sql, sizeof sql, "SELECT name, copy, columns, updates, (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = t.id"
		" AND NOT g.tgisinternal AND g.tgenabled = ANY('{A,%s}')) FROM " POSTGRES_COPY ".tables t WHERE id = %s",
		server->replica ? "R" : "O", start->catalogue->tables[index].id);
	PGresult *result = postgres_query(server, sql, NULL);
	bool found = result && PQntuples(result) == 1;
	for (int i = 0; found && i < 4; i++)
		texts[i] = PQgetisnull(result, 0, i) ? NULL : arena_text(start->arena, PQgetvalue(result, 0, i),
			(size_t)PQgetlength(result, 0, i));
	kept->fires = found && *PQgetvalue(result, 0, 4) != '0';
	PQclear(result);
	kept->target = texts[0];
	kept->copy = texts[1];
	kept->columns = texts[2];
	kept->updates = texts[3];
	return kept->target && kept->copy && kept->columns ? 0 : -1;
}

static int kept_read(struct server *server, struct postgres_start *start, uint32_t index)
{
	const struct postgres_table *table = &start->catalogue->tables[index];
	struct postgres_kept *kept = &start->tables[index];
	char *sql;
	int code = -1;

	if (kept_find(server, start, index) < 0 || asprintf(&sql, "SELECT ctid, %s FROM %s", table->list, kept->copy) < 0)
		return -1;
	PGresult *result = postgres_query(server, sql, NULL);
	free(sql);
	kept->rows = (struct image_table){.name = (char *)table->name, .ncolumns = table->ncolumns, .columns = table->columns};
	if (result && (kept->places = places_read(start->arena, result)))
		code = postgres_rows_read(start->arena, result, 1, table->types, &kept->rows);
	PQclear(result);
	kept->index = code == 0 ? repair_index_open(&kept->rows) : NULL;
	return kept->index ? 0 : -1;
}

struct postgres_start *postgres_start_read(struct server *server)
{
	struct postgres_start *start = calloc(1, sizeof *start);

	if (!start)
		return NULL;
	start->arena = arena_open();
	if (postgres_run(server, "DEALLOCATE ALL", NULL) < 0 || postgres_catalogue_prepare(server, NULL) < 0)
		goto fail;
	start->catalogue = start->arena ? postgres_catalogue_read(server, NULL) : NULL;
	start->tables = start->catalogue ? arena_array(start->arena, start->catalogue->ntables, sizeof *start->tables) : NULL;
	if (!start->tables)
		goto fail;
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		if (kept_read(server, start, i) < 0)
			goto fail;
	if (prepare_looks(server, start) == 0 && postgres_reset_prepare(server, start) == 0)
		return start;
fail:
	postgres_start_close(start);
	return NULL;
}

void postgres_start_close(struct postgres_start *start)
{
	if (!start)
		return;
	for (uint32_t i = 0; start->tables && i < start->catalogue->ntables; i++)
		repair_index_close(start->tables[i].index);
	postgres_look_close(start->last);
	postgres_catalogue_close(start->catalogue);
	arena_close(start->arena);
	free(start);
}

void postgres_look_close(struct postgres_look *look)
{
	if (!look)
		return;
	for (uint32_t i = 0; look->tables && i < look->ntables; i++)
		repair_close(look->tables[i].repair);
	arena_close(look->arena);
	free(look);
}

/*
 * The first request of a look: fresh rows of tables that were touched last time come with the counts, because most
 * executions touch the same ones.
 */
static int ask(struct server *server)
{
	const struct postgres_start *start = server->start;
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return -1;
	fprintf(stream, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT txid_current_snapshot(); EXECUTE race_look('%u')",
		start->since);
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		if (start->tables[i].likely)
			fprintf(stream, "; EXECUTE race_rows_%u('%u')", i, start->since);
	int code = fclose(stream) == 0 ? postgres_send(server, text, NULL) : -1;
	free(text);
	return code;
}

/* Begins the transaction; counts come in the order of catalogues and tables. NULL: it can't be looked at so. */
static PGresult *counts_read(struct server *server, char *snapshot)
{
	if (ask(server) < 0)
		return NULL;
	PGresult *begin = postgres_next(server, NULL), *now = begin ? postgres_next(server, NULL) : NULL;
	PGresult *counts = now ? postgres_next(server, NULL) : NULL;
	if (now && (size_t)PQgetlength(now, 0, 0) < SNAPSHOT_BYTES)
		strcpy(snapshot, PQgetvalue(now, 0, 0));
	else
		snapshot[0] = '\0'; /* equal to none */
	PQclear(begin);
	PQclear(now);
	return counts;
}

static uint64_t count_at(const PGresult *counts, uint32_t row, int column)
{
	return strtoull(PQgetvalue(counts, (int)row, column), NULL, 10);
}

static bool is_catalogue_same(const struct postgres_start *start, const PGresult *counts)
{
	if (PQntuples(counts) != (int)(POSTGRES_CATALOGUES + start->catalogue->ntables))
		return false;
	for (uint32_t i = 0; i < POSTGRES_CATALOGUES; i++)
		if (count_at(counts, i, 1) != start->ncatalogue[i] || count_at(counts, i, 2) != 0)
			return false;
	return true;
}

/* How a table stands, by its counts. */
struct standing {
	uint64_t nrows, nfresh, ngone;
};

static struct standing standing_of(const struct postgres_start *start, const PGresult *counts, uint32_t table)
{
	struct standing standing = {
		.nrows = count_at(counts, POSTGRES_CATALOGUES + table, 1),
		.nfresh = count_at(counts, POSTGRES_CATALOGUES + table, 2),
	};

	standing.ngone = start->tables[table].rows.nrows - (standing.nrows - standing.nfresh);
	return standing;
}

/* The result's rows as those of the table now, and what that means. */
static int looked_read(struct postgres_start *start, struct postgres_look *look, uint32_t index, const PGresult *rows,
	uint32_t ngone)
{
	const struct postgres_table *table = &start->catalogue->tables[index];
	struct postgres_looked *looked = &look->tables[index];

	looked->now = (struct image_table){.name = (char *)table->name, .ncolumns = table->ncolumns, .columns = table->columns};
	looked->places = places_read(look->arena, rows);
	if (!looked->places || postgres_rows_read(look->arena, rows, 1, table->types, &looked->now) < 0)
		return -1;
	if (!table->plain)
		return 0;
	looked->repair = looked->whole ? repair_open(start->tables[index].index, &looked->now) :
		repair_explain(start->tables[index].index, &looked->now, ngone);
	return 0;
}

/* Rows that came with the counts. Where a table was touched in a way that they do not tell they are left alone. */
static int likely_read(struct server *server, struct postgres_look *look, const PGresult *counts)
{
	struct postgres_start *start = server->start;
	int code = 0;

	for (uint32_t i = 0; code == 0 && i < look->ntables; i++) {
		struct postgres_looked *looked = &look->tables[i];
		PGresult *rows = start->tables[i].likely ? postgres_next(server, NULL) : NULL;
		if (start->tables[i].likely && !rows)
			code = -1;
		else if (rows && looked->touched && !looked->whole)
			code = looked_read(start, look, i, rows, (uint32_t)standing_of(start, counts, i).ngone);
		PQclear(rows);
	}
	postgres_drain(server);
	return code;
}

static bool is_wanted(const struct postgres_looked *looked, bool whole)
{
	return looked->touched && !looked->repair && looked->whole == whole && (whole || !looked->places);
}

/* One more round trip for all tables that are touched, whole ones or not; -1: failed. */
static int rows_read(struct server *server, struct postgres_look *look, const PGresult *counts, bool whole)
{
	struct postgres_start *start = server->start;
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);
	int code = 0;

	for (uint32_t i = 0; stream && i < look->ntables; i++)
		if (is_wanted(&look->tables[i], whole))
			fprintf(stream, whole ? "EXECUTE race_all_%u;" : "EXECUTE race_rows_%u('%u');", i, start->since);
	if (!stream || fclose(stream) != 0)
		return -1;
	code = nbytes ? postgres_send(server, text, NULL) : 0;
	for (uint32_t i = 0; code == 0 && nbytes && i < look->ntables; i++) {
		if (!is_wanted(&look->tables[i], whole))
			continue;
		PGresult *rows = postgres_next(server, NULL);
		code = rows ? looked_read(start, look, i, rows, (uint32_t)standing_of(start, counts, i).ngone) : -1;
		PQclear(rows);
	}
	postgres_drain(server);
	free(text);
	return code;
}

static void standings_read(struct postgres_start *start, struct postgres_look *look, const PGresult *counts)
{
	for (uint32_t i = 0; i < look->ntables; i++) {
		struct standing standing = standing_of(start, counts, i);
		look->tables[i].touched = standing.nfresh > 0 || standing.ngone > 0;
		look->tables[i].whole = standing.ngone > standing.nfresh || !start->catalogue->tables[i].plain;
	}
}

/* First those rows that are fresh; then all of the tables where these do not explain what is gone. */
static int tables_read(struct server *server, struct postgres_look *look, const PGresult *counts)
{
	struct postgres_start *start = server->start;

	standings_read(start, look, counts);
	if (likely_read(server, look, counts) < 0 || rows_read(server, look, counts, false) < 0)
		return -1;
	for (uint32_t i = 0; i < look->ntables; i++) {
		struct postgres_looked *looked = &look->tables[i];
		start->tables[i].likely = looked->touched && !looked->whole;
		looked->whole |= looked->touched && !looked->repair;
	}
	return rows_read(server, look, counts, true);
}

struct postgres_look *postgres_look_open(struct server *server)
{
	struct postgres_look *look = server->start ? calloc(1, sizeof *look) : NULL;
	PGresult *counts = NULL;
	bool fine = false;

	if (!look)
		return NULL;
	look->arena = arena_open();
	look->ntables = server->start->catalogue->ntables;
	look->tables = look->arena ? arena_array(look->arena, look->ntables, sizeof *look->tables) : NULL;
	counts = look->tables ? counts_read(server, look->snapshot) : NULL;
	if (counts && is_catalogue_same(server->start, counts))
		fine = tables_read(server, look, counts) == 0;
	PQclear(counts);
	postgres_end(server);
	if (fine)
		return look;
	postgres_look_close(look);
	return NULL;
}

/* The oldest transaction that had not ended. Cut to the 32 bits that rows hold. */
static uint32_t oldest_of(const char *snapshot)
{
	return (uint32_t)strtoull(snapshot, NULL, 10);
}

int postgres_look_afresh(struct server *server)
{
	struct postgres_start *start = server->start;
	char snapshot[SNAPSHOT_BYTES];
	bool same = true;

	postgres_look_close(start->last);
	start->last = NULL;
	PGresult *counts = counts_read(server, snapshot);
	if (!counts || !snapshot[0] || PQntuples(counts) != (int)(POSTGRES_CATALOGUES + start->catalogue->ntables)) {
		PQclear(counts);
		postgres_end(server);
		return -1;
	}
	for (uint32_t i = 0; i < POSTGRES_CATALOGUES; i++)
		start->ncatalogue[i] = count_at(counts, i, 1);
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		same = same && count_at(counts, POSTGRES_CATALOGUES + i, 1) == start->tables[i].rows.nrows;
	start->since = oldest_of(snapshot);
	PQclear(counts);
	postgres_end(server);
	return same ? 0 : -1;
}

#endif
