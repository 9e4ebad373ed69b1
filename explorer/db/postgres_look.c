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

enum { TRIES = 3, LOOKS_PER_AUDIT = 50, PAGES_TO_GROW = 8 };

#define IS_FRESH "age(xmin) <= (SELECT age($1))"

/* Runs the statements of `text`, which it frees. */
static int prepare(struct server *server, FILE *stream, char **text)
{
	int code = fclose(stream) == 0 ? postgres_run(server, *text, NULL) : -1;

	free(*text);
	return code;
}

static void write_count(FILE *stream, uint32_t i, const char *source)
{
	fprintf(stream, "%sSELECT %u, count(*), count(*) FILTER (WHERE " IS_FRESH ") FROM %s", i ? " UNION ALL " : "", i, source);
}

/*
 * race_catalogues: rows of each, and how many of them are fresh; race_classes: of the first. race_look: of each table.
 * race_rows_N: the fresh ones, race_all_N.
 */
static int prepare_looks(struct server *server, const struct postgres_start *start)
{
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return -1;
	fputs("PREPARE race_catalogues (xid) AS ", stream);
	for (uint32_t i = 0; i < POSTGRES_CATALOGUES; i++)
		write_count(stream, i, catalogues[i]);
	fputs("; PREPARE race_classes (xid) AS ", stream);
	write_count(stream, 0, catalogues[0]);
	fputs("; PREPARE race_look (xid) AS ", stream);
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		write_count(stream, i, start->catalogue->tables[i].source);
	if (start->catalogue->ntables == 0)
		fputs("SELECT WHERE age($1) IS NULL", stream);
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
	char *texts[4] = {NULL}, sql[1024];

	snprintf(sql, sizeof sql, "SELECT name, copy, columns, updates, (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = t.id"
		" AND NOT g.tgisinternal AND g.tgenabled = ANY('{A,%s}')), NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.id"
		" AND NOT i.indisprimary AND (i.indisunique OR i.indisexclusion)) AND NOT EXISTS (SELECT FROM pg_attribute a"
		" WHERE a.attrelid = t.id AND a.attidentity = 'a') FROM " POSTGRES_COPY ".tables t WHERE id = %s",
		server->replica ? "R" : "O", start->catalogue->tables[index].id);
	PGresult *result = postgres_query(server, sql, NULL);
	bool found = result && PQntuples(result) == 1;
	for (int i = 0; found && i < 4; i++)
		texts[i] = PQgetisnull(result, 0, i) ? NULL : arena_text(start->arena, PQgetvalue(result, 0, i),
			(size_t)PQgetlength(result, 0, i));
	kept->fires = found && *PQgetvalue(result, 0, 4) != '0';
	kept->simple = found && texts[3] && *PQgetvalue(result, 0, 5) == 't';
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
	start->callable = postgres_number(server, "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
		" WHERE p.oid >= 16384 AND n.nspname NOT IN ('" POSTGRES_COPY "', '" POSTGRES_FIRST "')", NULL) != 0;
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
 * Only classes are counted when nothing else can have changed: all that was said to the server was plain, and no function
 * is there that does more than it seems. Every so often all are, whatever is known.
 */
static uint32_t catalogues_to_count(struct server *server)
{
	struct postgres_start *start = server->start;

	return server->unclear || start->callable || start->nlooks++ % LOOKS_PER_AUDIT == 0 ? POSTGRES_CATALOGUES : 1;
}

/*
 * The first request of a look, and mostly the only one: fresh rows of tables that were touched last time come with the
 * counts, because most executions touch the same ones.
 */
static int ask(struct server *server, uint32_t ncatalogues)
{
	const struct postgres_start *start = server->start;
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return -1;
	fprintf(stream, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT txid_current_snapshot(); EXECUTE %s('%u');"
		" EXECUTE race_look('%u')", ncatalogues == 1 ? "race_classes" : "race_catalogues", start->since, start->since);
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		if (start->tables[i].likely)
			fprintf(stream, "; EXECUTE race_rows_%u('%u')", i, start->since);
	fputs("; COMMIT", stream);
	int code = fclose(stream) == 0 ? postgres_send(server, text, NULL) : -1;
	free(text);
	return code;
}

/* What the first request says but for rows. */
struct counts {
	uint32_t ncatalogues;
	PGresult *catalogues, *tables; /* a row each, in their order */
};

static void counts_clear(struct counts *counts)
{
	PQclear(counts->catalogues);
	PQclear(counts->tables);
}

/* -1: it can't be looked at so. */
static int counts_read(struct server *server, uint32_t ncatalogues, char *snapshot, struct counts *counts)
{
	*counts = (struct counts){.ncatalogues = ncatalogues};
	snapshot[0] = '\0'; /* equal to none */
	if (ask(server, ncatalogues) < 0)
		return -1;
	PGresult *begin = postgres_next(server, NULL), *now = begin ? postgres_next(server, NULL) : NULL;
	counts->catalogues = now ? postgres_next(server, NULL) : NULL;
	counts->tables = counts->catalogues ? postgres_next(server, NULL) : NULL;
	if (now && (size_t)PQgetlength(now, 0, 0) < SNAPSHOT_BYTES)
		strcpy(snapshot, PQgetvalue(now, 0, 0));
	PQclear(begin);
	PQclear(now);
	return counts->tables && snapshot[0] && PQntuples(counts->catalogues) == (int)ncatalogues &&
		PQntuples(counts->tables) == (int)server->start->catalogue->ntables ? 0 : -1;
}

static uint64_t count_at(const PGresult *counts, uint32_t row, int column)
{
	return strtoull(PQgetvalue(counts, (int)row, column), NULL, 10);
}

static bool is_catalogue_same(const struct postgres_start *start, const struct counts *counts)
{
	for (uint32_t i = 0; i < counts->ncatalogues; i++)
		if (count_at(counts->catalogues, i, 1) != start->ncatalogue[i] || count_at(counts->catalogues, i, 2) != 0)
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
		.nrows = count_at(counts, table, 1),
		.nfresh = count_at(counts, table, 2),
	};

	standing.ngone = start->tables[table].rows.nrows - (standing.nrows - standing.nfresh);
	return standing;
}

static void pages_note(struct postgres_kept *kept, const struct postgres_looked *looked)
{
	for (uint32_t i = 0; i < looked->now.nrows; i++)
		if (looked->places[i].page > kept->last_page)
			kept->last_page = looked->places[i].page;
	if (kept->first_page == 0)
		kept->first_page = kept->last_page;
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
	pages_note(&start->tables[index], looked);
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

static bool are_wanted(const struct postgres_look *look, bool whole)
{
	for (uint32_t i = 0; i < look->ntables; i++)
		if (is_wanted(&look->tables[i], whole))
			return true;
	return false;
}

/* The second request, for rows of the same snapshot, and that is checked: the first result is of BEGIN, the next of this. */
static int ask_rows(struct server *server, const struct postgres_look *look, bool whole)
{
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return -1;
	fprintf(stream, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1 / (txid_current_snapshot()::text = '%s')::int",
		look->snapshot);
	for (uint32_t i = 0; i < look->ntables; i++)
		if (is_wanted(&look->tables[i], whole))
			fprintf(stream, whole ? "; EXECUTE race_all_%u" : "; EXECUTE race_rows_%u('%u')", i, server->start->since);
	fputs("; COMMIT", stream);
	int code = fclose(stream) == 0 ? postgres_send(server, text, NULL) : -1;
	free(text);
	if (code < 0)
		return -1;
	PGresult *begin = postgres_next(server, NULL), *same = begin ? postgres_next(server, NULL) : NULL;
	code = same ? 0 : -1;
	PQclear(begin);
	PQclear(same);
	return code;
}

/* One more round trip for all tables that are touched, whole ones or not; -1: failed. */
static int rows_read(struct server *server, struct postgres_look *look, const PGresult *counts, bool whole)
{
	struct postgres_start *start = server->start;

	if (!are_wanted(look, whole))
		return 0;
	int code = ask_rows(server, look, whole);
	for (uint32_t i = 0; code == 0 && i < look->ntables; i++) {
		if (!is_wanted(&look->tables[i], whole))
			continue;
		PGresult *rows = postgres_next(server, NULL);
		code = rows ? looked_read(start, look, i, rows, (uint32_t)standing_of(start, counts, i).ngone) : -1;
		PQclear(rows);
	}
	postgres_drain(server);
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

/* NULL: it can't be told, or, with `again`, not by what came at this time. */
static struct postgres_look *look_once(struct server *server, bool *again)
{
	struct postgres_look *look = calloc(1, sizeof *look);
	struct counts counts;
	bool fine = false;

	*again = false;
	if (!look)
		return NULL;
	look->arena = arena_open();
	look->ntables = server->start->catalogue->ntables;
	look->tables = look->arena ? arena_array(look->arena, look->ntables, sizeof *look->tables) : NULL;
	if (look->tables) {
		bool same = counts_read(server, catalogues_to_count(server), look->snapshot, &counts) == 0 &&
			is_catalogue_same(server->start, &counts);
		fine = same && tables_read(server, look, counts.tables) == 0;
		*again = same;
		server->unclear = !same;
		counts_clear(&counts);
	}
	postgres_end(server);
	if (fine)
		return look;
	postgres_look_close(look);
	return NULL;
}

/* Once more when somebody else's transaction ended between two requests. */
struct postgres_look *postgres_look_open(struct server *server)
{
	struct postgres_look *look = NULL;
	bool again = server->start;

	for (int i = 0; again && !look && i < TRIES; i++)
		look = look_once(server, &again);
	return look;
}

/* Where it is not ours to do, or in use, nothing happens, and it is tried again when it has grown as much again. */
bool postgres_look_compact(struct server *server)
{
	struct postgres_start *start = server->start;
	bool any = false;

	for (uint32_t i = 0; i < start->catalogue->ntables; i++) {
		struct postgres_kept *kept = &start->tables[i];
		char *sql;
		if (kept->last_page <= kept->first_page + PAGES_TO_GROW ||
			asprintf(&sql, "VACUUM (FULL, SKIP_LOCKED) %s", kept->target) < 0)
			continue;
		postgres_run(server, sql, NULL);
		free(sql);
		kept->first_page = kept->last_page = 0;
		any = true;
	}
	return any;
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
	struct counts counts;

	postgres_look_close(start->last);
	start->last = NULL;
	bool same = counts_read(server, POSTGRES_CATALOGUES, snapshot, &counts) == 0;
	for (uint32_t i = 0; same && i < POSTGRES_CATALOGUES; i++)
		start->ncatalogue[i] = count_at(counts.catalogues, i, 1);
	for (uint32_t i = 0; same && i < start->catalogue->ntables; i++)
		same = count_at(counts.tables, i, 1) == start->tables[i].rows.nrows;
	start->since = oldest_of(snapshot);
	server->unclear = !same;
	counts_clear(&counts);
	postgres_end(server);
	return same ? 0 : -1;
}

#endif
