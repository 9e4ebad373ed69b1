/*
 * Puts the start state of a MariaDB database back: row by row where that can be done (mariadb_repair.h), otherwise by what
 * is on the server. A table whose checksum is as it was is left alone; of a large one
 * with a primary key only the rows that differ are written, any other is filled anew; the checksum is looked at again
 * afterwards. MariaDB runs triggers for this, too, so that tables are gone through until all are as they were.
 *
 * What was made besides is dropped, a table that was dropped or altered is made anew. Triggers, views, routines, events
 * and sequences that were dropped can't be put back; sequences go on. All this is looked at only where the server has
 * executed a statement that changes definitions (it counts them) since it was last as it should be.
 */
#if __has_include(<mariadb/mysql.h>)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mariadb_questions.h"
#include "mariadb_repair.h"

/* All is compared every so often, whatever is known. */
enum { ROUNDS = 4, LARGE_ROWS = 2000, RESETS_PER_AUDIT = 1000 };

static int drop_new(struct server *server, struct complaint *complaint)
{
	MYSQL_RES *result = mariadb_new_objects(server, complaint);
	char quoted[MARIADB_QUOTED_BYTES];
	int code = result ? 0 : -1;

	for (MYSQL_ROW row; code == 0 && (row = mysql_fetch_row(result));) {
		mariadb_quote(quoted, row[1]);
		code = mariadb_run(server, complaint, "DROP %s IF EXISTS %s", row[0], quoted);
	}
	mysql_free_result(result);
	return code;
}

/* Is the table there as it was? Otherwise it is made anew, empty. */
static int shape_put_back(struct server *server, const struct kept_table *table, struct complaint *complaint)
{
	char *definition = mariadb_definition(server, table->quoted, NULL);
	bool same = definition && strcmp(definition, table->definition) == 0;

	free(definition);
	if (same)
		return 0;
	if (mariadb_run(server, complaint, "DROP TABLE IF EXISTS %s", table->quoted) < 0)
		return -1;
	return mariadb_run(server, complaint, "%s", table->definition);
}

static int rows_refill(struct server *server, const struct kept_table *table, struct complaint *complaint)
{
	if (mariadb_run(server, complaint, "DELETE FROM %s", table->quoted) < 0)
		return -1;
	return mariadb_run(server, complaint, "INSERT INTO %s (%s) SELECT %s FROM %s.copy_%d c", table->quoted, table->columns,
		table->prefixed, server->copy, table->id);
}

static int rows_repair(struct server *server, const struct kept_table *table, struct complaint *complaint)
{
	if (mariadb_run(server, complaint, "DELETE t FROM %s t WHERE NOT EXISTS (SELECT 1 FROM %s.copy_%d c WHERE %s)",
			table->quoted, server->copy, table->id, table->keyed) < 0)
		return -1;
	return mariadb_run(server, complaint, "REPLACE INTO %s (%s) SELECT %s FROM %s.copy_%d c WHERE NOT EXISTS (SELECT 1 FROM %s t"
		" WHERE %s AND %s)", table->quoted, table->columns, table->prefixed, server->copy, table->id, table->quoted,
		table->keyed, table->same);
}

static bool is_large(struct server *server, const struct kept_table *table)
{
	return mariadb_number(server, NULL, "SELECT COUNT(*) FROM (SELECT 1 FROM %s.copy_%d LIMIT %d) c", server->copy, table->id,
		LARGE_ROWS) == LARGE_ROWS;
}

/* 1: it had to be written; 0: it is as it was; -1 and a complaint. */
static int rows_put_back(struct server *server, const struct kept_table *table, bool repair, struct complaint *complaint)
{
	char *sum = mariadb_checksum(server, table->quoted, complaint);
	bool same = sum && strcmp(sum, table->sum) == 0;
	int code = sum ? 0 : -1;

	free(sum);
	if (code < 0 || same)
		return code;
	if (repair && table->keyed && is_large(server, table))
		code = rows_repair(server, table, complaint);
	else
		code = rows_refill(server, table, complaint);
	return code < 0 ? -1 : 1;
}

/* Numbers are handed out beside transactions: also a table that is as it was may have handed out some. */
static int increments_put_back(struct server *server, const struct kept *kept, struct complaint *complaint)
{
	MYSQL_RES *result = mariadb_query(server, complaint, MARIADB_NUMBERS);
	int code = result ? 0 : -1;

	for (MYSQL_ROW row; code == 0 && (row = mysql_fetch_row(result));)
		for (uint32_t i = 0; i < kept->n; i++) {
			const struct kept_table *table = &kept->tables[i];
			if (strcmp(table->name, row[0]) != 0 || table->increment == strtoull(row[1], NULL, 10))
				continue;
			server->definitions = 0; /* it is counted */
			code = mariadb_run(server, complaint, "ALTER TABLE %s AUTO_INCREMENT = %llu", table->quoted, table->increment);
			break;
		}
	mysql_free_result(result);
	return code;
}

static int shapes_put_back(struct server *server, const struct kept *kept, struct complaint *complaint)
{
	if (drop_new(server, complaint) < 0)
		return -1;
	for (uint32_t i = 0; i < kept->n; i++)
		if (shape_put_back(server, &kept->tables[i], complaint) < 0)
			return -1;
	long long lost = mariadb_lost_objects(server, complaint);
	if (lost > 0)
		snprintf(complaint->text, sizeof complaint->text, "%lld views, routines, triggers, events or sequences were dropped, and "
			"can't be put back", lost);
	return lost == 0 ? 0 : -1;
}

static int tables_put_back(struct server *server, const struct kept *kept, struct complaint *complaint)
{
	for (int round = 0; round < ROUNDS; round++) {
		int written = 0;
		for (uint32_t i = 0; i < kept->n; i++) {
			int code = rows_put_back(server, &kept->tables[i], round == 0, complaint);
			if (code < 0)
				return -1;
			written += code;
		}
		if (written == 0)
			return increments_put_back(server, kept, complaint);
	}
	snprintf(complaint->text, sizeof complaint->text, "the tables don't become what they were: a trigger changes what is put back");
	return -1;
}

int mariadb_put_back(struct server *server, struct complaint *complaint)
{
	struct kept *kept = mariadb_kept_open(server, 0, complaint);
	long long definitions = mariadb_definitions(server);
	bool same = definitions > 0 && definitions == server->definitions;
	int code = kept ? 0 : -1;

	server->definitions = same ? definitions : 0;
	if (code == 0 && !same)
		code = shapes_put_back(server, kept, complaint);
	if (code == 0)
		code = tables_put_back(server, kept, complaint);
	mariadb_kept_close(kept);
	if (code < 0 || server->definitions == 0)
		server->definitions = code < 0 ? 0 : mariadb_definitions(server);
	server->unclear = true;
	return code;
}

/* What is written now is counted, too. */
static void forget_counts(struct mariadb_start *start)
{
	for (uint32_t i = 0; start && start->counts && i < start->catalogue->ntables; i++)
		mariadb_counts_set(start->counts, i, false);
}

int mariadb_reset(struct server *server, struct complaint *complaint)
{
	struct mariadb_start *start = server->start;

	if (start && ++start->nresets % RESETS_PER_AUDIT != 0 && mariadb_repair(server))
		return 0;
	forget_counts(start);
	if (mariadb_put_back(server, complaint) < 0)
		return -1;
	if (start)
		mariadb_repair(server); /* two rows that have changed places may well have the sum they had: see for ourselves */
	return 0;
}

#endif
