#if __has_include(<mariadb/mysql.h>)

#include "mariadb_counts.h"

#include <stdlib.h>
#include <string.h>

#include "../arena.h"

#define UNKNOWN UINT64_MAX

struct mariadb_counts {
	const struct mariadb_catalogue *catalogue;
	bool ours;        /* they were not counted before */
	uint64_t *known;  /* per table: the count at which it was as it is to be */
	uint64_t *now;
	bool *differs;
	uint32_t nlinks;
	uint32_t (*links)[2]; /* who refers to whom */
	struct arena *arena;
};

static uint32_t find(const struct mariadb_counts *counts, const char *name)
{
	for (uint32_t i = 0; i < counts->catalogue->ntables; i++)
		if (strcmp(counts->catalogue->tables[i].name, name) == 0)
			return i;
	return ~0U;
}

static int links_read(struct mariadb_counts *counts, struct server *server)
{
	MYSQL_RES *result = mariadb_query(server, NULL, "SELECT TABLE_NAME, REFERENCED_TABLE_NAME"
		" FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()");

	counts->links = result ? arena_array(counts->arena, mysql_num_rows(result), sizeof *counts->links) : NULL;
	for (MYSQL_ROW row; counts->links && (row = mysql_fetch_row(result));) {
		uint32_t from = find(counts, row[0]), to = find(counts, row[1]);
		if (from == ~0U || to == ~0U)
			continue;
		counts->links[counts->nlinks][0] = from;
		counts->links[counts->nlinks++][1] = to;
	}
	mysql_free_result(result);
	return counts->links ? 0 : -1;
}

struct mariadb_counts *mariadb_counts_open(struct server *server, const struct mariadb_catalogue *catalogue)
{
	struct mariadb_counts *counts = calloc(1, sizeof *counts);
	long long on = mariadb_number(server, NULL, "SELECT @@GLOBAL.userstat");

	if (!counts)
		return NULL;
	counts->catalogue = catalogue;
	counts->arena = on >= 0 ? arena_open() : NULL;
	if (!counts->arena)
		goto fail;
	counts->known = arena_array(counts->arena, catalogue->ntables, sizeof *counts->known);
	counts->now = arena_array(counts->arena, catalogue->ntables, sizeof *counts->now);
	counts->differs = arena_array(counts->arena, catalogue->ntables, sizeof *counts->differs);
	if (!counts->known || !counts->now || !counts->differs || links_read(counts, server) < 0)
		goto fail;
	for (uint32_t i = 0; i < catalogue->ntables; i++)
		mariadb_counts_set(counts, i, false);
	counts->ours = on == 0;
	if (on == 1 || mariadb_run(server, NULL, "SET GLOBAL userstat = 1") == 0)
		return counts;
fail:
	arena_close(counts->arena);
	free(counts);
	return NULL;
}

void mariadb_counts_close(struct mariadb_counts *counts, struct server *server)
{
	if (!counts)
		return;
	if (counts->ours)
		mariadb_run(server, NULL, "SET GLOBAL userstat = 0");
	arena_close(counts->arena);
	free(counts);
}

/* A table that nobody has used is not in the list. */
static void numbers_read(struct mariadb_counts *counts, MYSQL_RES *changed)
{
	for (uint32_t i = 0; i < counts->catalogue->ntables; i++)
		counts->now[i] = 0;
	for (MYSQL_ROW row; changed && (row = mysql_fetch_row(changed));) {
		uint32_t table = find(counts, row[0]);
		if (table != ~0U)
			counts->now[table] = strtoull(row[1], NULL, 10);
	}
}

void mariadb_counts_read(struct mariadb_counts *counts, MYSQL_RES *in_use, MYSQL_RES *changed)
{
	bool more = true;

	numbers_read(counts, changed);
	for (uint32_t i = 0; i < counts->catalogue->ntables; i++)
		counts->differs[i] = counts->known[i] == UNKNOWN || counts->now[i] != counts->known[i];
	for (MYSQL_ROW row; in_use && (row = mysql_fetch_row(in_use));) {
		uint32_t table = find(counts, row[1]);
		if (table != ~0U)
			counts->differs[table] = true;
	}
	while (more) {
		more = false;
		for (uint32_t i = 0; i < counts->nlinks; i++) {
			const uint32_t *link = counts->links[i];
			if (counts->differs[link[0]] || !counts->differs[link[1]])
				continue;
			counts->differs[link[0]] = true;
			more = true;
		}
	}
}

bool mariadb_counts_differ(const struct mariadb_counts *counts, uint32_t table)
{
	return counts->differs[table];
}

void mariadb_counts_settle(struct mariadb_counts *counts, MYSQL_RES *changed)
{
	numbers_read(counts, changed);
}

void mariadb_counts_set(struct mariadb_counts *counts, uint32_t table, bool same)
{
	counts->known[table] = same ? counts->now[table] : UNKNOWN;
}

#endif
