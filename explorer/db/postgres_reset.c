#if __has_include(<postgresql/libpq-fe.h>)

#include "postgres_reset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All is compared every so often, whatever is known; a look is tried again when others on the server work meanwhile. */
enum { RESETS_PER_AUDIT = 1000, TRIES = 3, FEW_ROWS = 8 };

enum outcome { DONE, STALE, UNABLE };

/* setval only where it is needed: it is not undone by a rollback, and costs a write. */
static int prepare_sequences(struct server *server)
{
	PGresult *made = postgres_query(server, "SELECT 'PREPARE race_sequences AS ' || coalesce(string_agg(format("
		"'SELECT setval(%L, %s, %L) FROM %s WHERE (last_value, is_called) IS DISTINCT FROM (%s, %L::boolean)', name, value, called,"
		" name, value, called), ' UNION ALL '), 'SELECT') FROM " POSTGRES_COPY ".sequences", NULL);
	int code = made && PQntuples(made) == 1 ? postgres_run(server, PQgetvalue(made, 0, 0), NULL) : -1;

	PQclear(made);
	return code;
}

/*
 * race_delete_N, race_insert_N: rows of a table, by where they lie; of its copy. race_update_N: a row, to one of the copy;
 * what lies in the same page stays there so, and the table does not grow.
 */
static int prepare_table(struct server *server, const struct postgres_start *start, uint32_t index)
{
	const struct postgres_kept *kept = &start->tables[index];
	const char *source = start->catalogue->tables[index].source;
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return -1;
	fprintf(stream, "PREPARE race_delete_%u (tid[]) AS DELETE FROM %s WHERE ctid = ANY($1);", index, source);
	fprintf(stream, "PREPARE race_insert_%u (tid[]) AS INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s"
		" WHERE ctid = ANY($1);", index, kept->target, kept->columns, kept->columns, kept->copy);
	if (kept->simple)
		fprintf(stream, "PREPARE race_update_%u (tid, tid) AS UPDATE %s t SET %s FROM %s c WHERE t.ctid = $1 AND c.ctid = $2",
			index, source, kept->updates, kept->copy);
	int code = fclose(stream) == 0 ? postgres_run(server, text, NULL) : -1;
	free(text);
	return code;
}

int postgres_reset_prepare(struct server *server, struct postgres_start *start)
{
	if (prepare_sequences(server) < 0)
		return -1;
	for (uint32_t i = 0; i < start->catalogue->ntables; i++)
		if (start->catalogue->tables[i].plain && prepare_table(server, start, i) < 0)
			return -1;
	return 0;
}

static void write_place(FILE *stream, const struct postgres_place *place, uint32_t i)
{
	fprintf(stream, "%s\"(%u,%u)\"", i ? "," : "", place->page, place->item);
}

static void write_extra(FILE *stream, const struct postgres_looked *looked)
{
	for (uint32_t i = 0; i < looked->repair->nextra; i++)
		write_place(stream, &looked->places[looked->repair->extra[i]], i);
}

static void write_missing(FILE *stream, const struct postgres_looked *looked, const struct postgres_kept *kept)
{
	for (uint32_t i = 0; i < looked->repair->nmissing; i++)
		write_place(stream, &kept->places[looked->repair->missing[i]], i);
}

static void write_changed(FILE *stream, const struct postgres_looked *looked, const struct postgres_kept *kept, uint32_t i)
{
	for (uint32_t j = 0; j < looked->repair->nchanged; j++)
		if (kept)
			write_place(stream, &kept->places[looked->repair->changed[j].start], i + j);
		else
			write_place(stream, &looked->places[looked->repair->changed[j].now], i + j);
}

/* How many of the changed rows are deleted and inserted, rather than updated one by one. */
static uint32_t replaced_rows(const struct postgres_looked *looked, const struct postgres_kept *kept)
{
	return kept->simple && looked->repair->nchanged <= FEW_ROWS ? 0 : looked->repair->nchanged;
}

static void write_deletes(FILE *stream, const struct postgres_looked *looked, const struct postgres_kept *kept, uint32_t i)
{
	uint32_t nreplaced = replaced_rows(looked, kept);

	if (looked->repair->nextra + nreplaced == 0)
		return;
	fprintf(stream, "EXECUTE race_delete_%u('{", i);
	write_extra(stream, looked);
	if (nreplaced)
		write_changed(stream, looked, NULL, looked->repair->nextra);
	fputs("}');", stream);
}

static void write_updates(FILE *stream, const struct postgres_looked *looked, const struct postgres_kept *kept, uint32_t i)
{
	for (uint32_t j = 0; replaced_rows(looked, kept) == 0 && j < looked->repair->nchanged; j++) {
		const struct repair_pair *pair = &looked->repair->changed[j];
		const struct postgres_place *now = &looked->places[pair->now], *start = &kept->places[pair->start];
		fprintf(stream, "EXECUTE race_update_%u('(%u,%u)','(%u,%u)');", i, now->page, now->item, start->page, start->item);
	}
}

static void write_inserts(FILE *stream, const struct postgres_looked *looked, const struct postgres_kept *kept, uint32_t i)
{
	uint32_t nreplaced = replaced_rows(looked, kept);

	if (looked->repair->nmissing + nreplaced == 0)
		return;
	fprintf(stream, "EXECUTE race_insert_%u('{", i);
	write_missing(stream, looked, kept);
	if (nreplaced)
		write_changed(stream, looked, kept, looked->repair->nmissing);
	fputs("}');", stream);
}

/* Nothing checks references or fires: first goes what is too much, then comes what is missing. */
static void write_replica(FILE *stream, const struct postgres_start *start, const struct postgres_look *look)
{
	void (*const parts[])(FILE *, const struct postgres_looked *, const struct postgres_kept *, uint32_t) = {
		write_deletes, write_updates, write_inserts};

	for (size_t part = 0; part < sizeof parts / sizeof *parts; part++)
		for (uint32_t i = 0; i < look->ntables; i++)
			if (look->tables[i].touched)
				parts[part](stream, &look->tables[i], &start->tables[i], i);
}

/*
 * In one statement, at whose end keys are checked: rows that were there are updated, so that no key that others refer to
 * is ever gone, and what is inserted waits for what is deleted.
 */
static void write_plain(FILE *stream, const struct postgres_start *start, const struct postgres_look *look)
{
	fputs("WITH nothing AS (SELECT)", stream);
	for (uint32_t i = 0; i < look->ntables; i++) {
		const struct postgres_looked *looked = &look->tables[i];
		const struct postgres_kept *kept = &start->tables[i];
		if (!looked->touched)
			continue;
		fprintf(stream, ", d%u AS (DELETE FROM %s WHERE ctid = ANY('{", i, start->catalogue->tables[i].source);
		write_extra(stream, looked);
		fputs("}'::tid[]) RETURNING 1)", stream);
		fprintf(stream, ", i%u AS (INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s WHERE ctid = ANY('{", i,
			kept->target, kept->columns, kept->columns, kept->copy);
		write_missing(stream, looked, kept);
		fprintf(stream, "}'::tid[]) AND (SELECT count(*) FROM d%u) >= 0 RETURNING 1)", i);
		if (!kept->updates || looked->repair->nchanged == 0)
			continue;
		fprintf(stream, ", u%u AS (UPDATE %s t SET %s FROM %s c, unnest('{", i, start->catalogue->tables[i].source, kept->updates,
			kept->copy);
		write_changed(stream, looked, NULL, 0);
		fputs("}'::tid[], '{", stream);
		write_changed(stream, looked, kept, 0);
		fputs("}'::tid[]) v (now, start) WHERE t.ctid = v.now AND c.ctid = v.start)", stream);
	}
	fputs(" SELECT;", stream);
}

/* Can this look be acted upon row by row? */
static bool is_able(const struct server *server, const struct postgres_look *look, bool *idle)
{
	*idle = true;
	for (uint32_t i = 0; i < look->ntables; i++) {
		const struct postgres_looked *looked = &look->tables[i];
		if (!looked->touched)
			continue;
		if (!looked->repair)
			return false;
		if (looked->repair->nextra + looked->repair->nmissing + looked->repair->nchanged == 0)
			continue;
		if (server->start->tables[i].fires)
			return false;
		*idle = false;
	}
	return true;
}

/* Nothing may have ended between the look and now: the server then shows the same snapshot of transactions. */
static char *write_repair(const struct server *server, const struct postgres_look *look, bool idle)
{
	char *text;
	size_t nbytes;
	FILE *stream = open_memstream(&text, &nbytes);

	if (!stream)
		return NULL;
	fprintf(stream, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 / (txid_current_snapshot()::text = '%s')::int;",
		look->snapshot);
	if (!idle && server->replica)
		write_replica(stream, server->start, look);
	else if (!idle)
		write_plain(stream, server->start, look);
	fputs("EXECUTE race_sequences; SELECT txid_current_if_assigned() IS NOT NULL; COMMIT; SELECT txid_current_snapshot()", stream);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

/* As write_replica() has it. */
static uint64_t written_rows(const struct postgres_start *start, const struct postgres_look *look)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < look->ntables; i++) {
		const struct repair *repair = look->tables[i].repair;
		if (look->tables[i].touched)
			n += (uint64_t)repair->nextra + repair->nmissing + repair->nchanged +
				replaced_rows(&look->tables[i], &start->tables[i]);
	}
	return n;
}

/*
 * Looks begin at the oldest transaction that had not ended before; if ours is the only one that has ended since, at the
 * oldest that has not ended now.
 */
static uint32_t since_when(const char *before, const char *after, bool assigned)
{
	char *end;
	uint64_t oldest_before = strtoull(before, &end, 10), next_before = strtoull(end + 1, NULL, 10);
	uint64_t oldest_after = strtoull(after, &end, 10), next_after = strtoull(end + 1, NULL, 10);

	return (uint32_t)(next_after - next_before == assigned ? oldest_after : oldest_before);
}

/* Reads the answers; what was written must be as many rows as was meant. */
static enum outcome repair_read(struct server *server, const struct postgres_look *look)
{
	char snapshot[SNAPSHOT_BYTES] = "";
	uint64_t written = 0;
	bool assigned = false, failed = false;
	PGresult *result;

	while ((result = PQgetResult(server->connection))) {
		ExecStatusType status = PQresultStatus(result);
		failed = failed || (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK);
		if (status == PGRES_COMMAND_OK)
			written += strtoull(PQcmdTuples(result), NULL, 10);
		if (status == PGRES_TUPLES_OK && PQntuples(result) == 1 && PQnfields(result) == 1) {
			const char *value = PQgetvalue(result, 0, 0);
			if (strchr(value, ':') && strlen(value) < sizeof snapshot)
				strcpy(snapshot, value);
			else if (*value == 't' || *value == 'f')
				assigned = *value == 't';
		}
		PQclear(result);
	}
	postgres_end(server);
	if (failed || !snapshot[0])
		return STALE;
	if (server->replica && written != written_rows(server->start, look))
		return UNABLE;
	server->start->since = since_when(look->snapshot, snapshot, assigned);
	return DONE;
}

/* Keys have actions: what they did has to be looked at. */
static enum outcome verify(struct server *server, uint32_t since)
{
	uint32_t after = server->start->since;

	server->start->since = since;
	struct postgres_look *look = postgres_look_open(server);
	bool idle = false;
	enum outcome outcome = look && is_able(server, look, &idle) && idle ? DONE : UNABLE;
	postgres_look_close(look);
	server->start->since = after;
	return outcome;
}

static enum outcome repair(struct server *server, const struct postgres_look *look)
{
	uint32_t since = server->start->since;
	bool idle;

	if (!is_able(server, look, &idle))
		return UNABLE;
	char *statements = write_repair(server, look, idle);
	int code = statements ? postgres_send(server, statements, NULL) : -1;
	free(statements);
	if (code < 0)
		return UNABLE;
	enum outcome outcome = repair_read(server, look);
	return outcome == DONE && !server->replica && !idle ? verify(server, since) : outcome;
}

static enum outcome repair_last(struct server *server)
{
	struct postgres_start *start = server->start;
	enum outcome outcome = STALE;

	for (int i = 0; i < TRIES && outcome == STALE; i++) {
		if (!start->last)
			start->last = postgres_look_open(server);
		outcome = start->last ? repair(server, start->last) : UNABLE;
		postgres_look_close(start->last);
		start->last = NULL;
	}
	return outcome;
}

/* The start state is there: looks begin here, or all has to be compared from now on. */
static void begin_afresh(struct server *server)
{
	if (!server->start || postgres_look_afresh(server) == 0)
		return;
	postgres_start_close(server->start);
	server->start = NULL;
}

int postgres_reset(struct server *server, struct complaint *complaint)
{
	struct postgres_start *start = server->start;

	if (start && ++start->nresets % RESETS_PER_AUDIT != 0 && repair_last(server) == DONE) {
		if (postgres_look_compact(server))
			begin_afresh(server);
		return 0;
	}
	if (postgres_put_back(server, complaint) < 0)
		return -1;
	begin_afresh(server);
	return 0;
}

#endif
