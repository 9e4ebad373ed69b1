/*
 * The start state of a MariaDB database: copied table by table into a database beside it, with a list of what there
 * was, and a table `complete` that is made last. Until that is there a copy is worth nothing, and nothing was changed.
 */
#if __has_include(<mariadb/mysql.h>)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mariadb_look.h"
#include "mariadb_questions.h"

/* Lists of a table's columns; those computed from others can't be written. */
#define COLUMN "CONCAT('`', REPLACE(COLUMN_NAME, '`', '``'), '`')"
#define PAIR(a, b, equal) "CONCAT('" a "t.', " COLUMN ", ' " equal " " b "c.', " COLUMN ")"
#define LISTS \
	"GROUP_CONCAT(" COLUMN " ORDER BY ORDINAL_POSITION SEPARATOR ', '), " \
	"GROUP_CONCAT(CONCAT('c.', " COLUMN ") ORDER BY ORDINAL_POSITION SEPARATOR ', '), " \
	"GROUP_CONCAT(IF(COLUMN_KEY = 'PRI', " PAIR("", "", "=") ", NULL) SEPARATOR ' AND '), " \
	"GROUP_CONCAT(IF(CHARACTER_SET_NAME IS NULL, " PAIR("", "", "<=>") ", " PAIR("BINARY ", "BINARY ", "<=>") \
	") SEPARATOR ' AND ')"

#define OBJECTS \
	"SELECT 'VIEW' AS kind, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()" \
	" AND TABLE_TYPE = 'VIEW' UNION ALL SELECT 'SEQUENCE', TABLE_NAME FROM information_schema.TABLES" \
	" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SEQUENCE' UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME" \
	" FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() UNION ALL SELECT 'EVENT', EVENT_NAME" \
	" FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() UNION ALL SELECT 'TRIGGER', TRIGGER_NAME" \
	" FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"

char *mariadb_definition_of(MYSQL_RES *result, unsigned long long *number)
{
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
	char *text = row && row[1] ? strdup(row[1]) : NULL;
	char *options = text ? strrchr(text, '\n') : NULL; /* what follows the columns */
	char *increment = options ? strstr(options, " AUTO_INCREMENT=") : NULL;

	*number = 1;
	if (increment) {
		char *end;
		*number = strtoull(increment + strlen(" AUTO_INCREMENT="), &end, 10);
		memmove(increment, end, strlen(end) + 1);
	}
	return text;
}

char *mariadb_definition(struct server *server, const char *quoted, struct complaint *complaint)
{
	MYSQL_RES *result = mariadb_query(server, complaint, "SHOW CREATE TABLE %s", quoted);
	unsigned long long number;
	char *text = mariadb_definition_of(result, &number);

	mysql_free_result(result);
	return text;
}

char *mariadb_checksum(struct server *server, const char *quoted, struct complaint *complaint)
{
	MYSQL_RES *result = mariadb_query(server, complaint, "CHECKSUM TABLE %s EXTENDED", quoted);
	MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
	char *text = row && row[1] ? strdup(row[1]) : NULL;

	mysql_free_result(result);
	return text;
}

int mariadb_is_dirty(struct server *server, struct complaint *complaint)
{
	char name[MARIADB_NAME_BYTES + sizeof MARIADB_COPY];

	snprintf(name, sizeof name, "%s" MARIADB_COPY, server->database);
	char *escaped = malloc(2 * strlen(name) + 1);
	if (!escaped)
		return -1;
	mysql_real_escape_string(server->connection, escaped, name, strlen(name));
	long long n = mariadb_number(server, complaint, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '%s'"
		" AND TABLE_NAME = 'complete'", escaped);
	free(escaped);
	return n < 0 ? -1 : n > 0;
}

int mariadb_drop_copy(struct server *server, struct complaint *complaint)
{
	/* worth nothing from the moment on that it is incomplete */
	mariadb_run(server, NULL, "DROP TABLE IF EXISTS %s.complete", server->copy);
	return mariadb_run(server, complaint, "DROP DATABASE IF EXISTS %s", server->copy);
}

static char *escape(struct server *server, const char *text)
{
	char *escaped = text ? malloc(2 * strlen(text) + 1) : NULL;

	if (escaped)
		mysql_real_escape_string(server->connection, escaped, text, strlen(text));
	return escaped;
}

/* Copies the rows of table number `id`, and notes how it looks. */
static int table_keep(struct server *server, const char *name, int id, struct complaint *complaint)
{
	char quoted[MARIADB_QUOTED_BYTES];
	int result = -1;

	mariadb_quote(quoted, name);
	char *escaped = escape(server, name);
	char *definition = mariadb_definition(server, quoted, complaint), *text = escape(server, definition);
	char *sum = mariadb_checksum(server, quoted, complaint);
	if (!escaped || !text || !sum)
		goto done;
	if (strstr(definition, "WITH SYSTEM VERSIONING")) {
		snprintf(complaint->text, sizeof complaint->text, "the table %.100s is system-versioned: its history can't be put back",
			name);
		goto done;
	}
	if (mariadb_run(server, complaint, "CREATE TABLE %s.copy_%d LIKE %s", server->copy, id, quoted) < 0 ||
		mariadb_run(server, complaint, "INSERT INTO %s.tables SELECT %d, '%s', '%s', '%s', (SELECT AUTO_INCREMENT"
			" FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'), " LISTS
			" FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'"
			" AND IS_GENERATED = 'NEVER'", server->copy, id, escaped, text, sum, escaped, escaped) < 0)
		goto done;
	struct kept *kept = mariadb_kept_open(server, id, complaint);
	if (kept && kept->n == 1)
		result = mariadb_run(server, complaint, "INSERT INTO %s.copy_%d (%s) SELECT %s FROM %s c", server->copy, id,
			kept->tables[0].columns, kept->tables[0].prefixed, quoted);
	mariadb_kept_close(kept);
done:
	free(escaped);
	free(definition);
	free(text);
	free(sum);
	return result;
}

static int tables_keep(struct server *server, struct complaint *complaint)
{
	MYSQL_RES *result = mariadb_query(server, complaint, "SELECT TABLE_NAME" MARIADB_TABLES "ORDER BY BINARY TABLE_NAME");
	int code = result ? 0 : -1, id = 1;

	for (MYSQL_ROW row; code == 0 && (row = mysql_fetch_row(result));)
		code = table_keep(server, row[0], id++, complaint);
	mysql_free_result(result);
	return code;
}

/* What the copy says; all is as it was. */
static void learn(struct server *server)
{
	mariadb_start_read(server);
	long long definitions = mariadb_definitions(server);
	server->definitions = definitions > 0 ? definitions : 0;
	server->unclear = true; /* what is said from now on */
}

int mariadb_keep(struct server *server, struct complaint *complaint)
{
	mariadb_start_close(server);
	server->definitions = 0;
	server->kept = true; /* to be taken away, whatever there is of it */
	if (mariadb_drop_copy(server, complaint) < 0 ||
		mariadb_run(server, complaint, "CREATE DATABASE %s CHARACTER SET binary", server->copy) < 0 ||
		mariadb_run(server, complaint, "SET SESSION group_concat_max_len = 1000000") < 0 ||
		mariadb_run(server, complaint, "CREATE TABLE %s.tables (id int PRIMARY KEY, name blob, definition longblob, sum blob,"
			" increment bigint unsigned, columns longblob, prefixed longblob, keyed longblob, same longblob)", server->copy) < 0 ||
		mariadb_run(server, complaint, "CREATE TABLE %s.objects " OBJECTS, server->copy) < 0)
		return -1;
	if (tables_keep(server, complaint) < 0)
		return -1;
	if (mariadb_run(server, complaint, "CREATE TABLE %s.complete (id int)", server->copy) < 0)
		return -1;
	learn(server);
	return 0;
}

/* A killed campaign's. */
void mariadb_drop_later(struct server *server)
{
	char name[MARIADB_NAME_BYTES + sizeof MARIADB_LATER], quoted[MARIADB_QUOTED_BYTES];

	snprintf(name, sizeof name, "%s" MARIADB_LATER, server->database);
	mariadb_quote(quoted, name);
	mariadb_run(server, NULL, "DROP DATABASE IF EXISTS %s", quoted);
}

/* Only the first copy is what a killed campaign is mended by. */
int mariadb_keep_later(struct server *server, struct complaint *complaint)
{
	char name[MARIADB_NAME_BYTES + sizeof MARIADB_LATER];

	memcpy(server->first, server->copy, sizeof server->first);
	snprintf(name, sizeof name, "%s" MARIADB_LATER, server->database);
	mariadb_quote(server->copy, name);
	if (mariadb_keep(server, complaint) == 0)
		return 0;
	struct complaint second;
	mariadb_go_back(server, &second);
	return -1;
}

int mariadb_go_back(struct server *server, struct complaint *complaint)
{
	mariadb_drop_copy(server, NULL);
	memcpy(server->copy, server->first, sizeof server->copy);
	mariadb_start_close(server);
	server->definitions = 0;
	if (mariadb_put_back(server, complaint) < 0)
		return -1;
	learn(server);
	return 0;
}

static int take_row(struct kept_table *table, MYSQL_ROW row)
{
	table->id = atoi(row[0]);
	table->increment = row[4] ? strtoull(row[4], NULL, 10) : 0;
	table->name = row[1];
	table->definition = row[2];
	table->sum = row[3];
	table->columns = row[5];
	table->prefixed = row[6];
	table->keyed = row[7];
	table->same = row[8];
	mariadb_quote(table->quoted, table->name);
	return table->columns && table->same ? 0 : -1;
}

struct kept *mariadb_kept_open(struct server *server, int id, struct complaint *complaint)
{
	struct kept *kept = calloc(1, sizeof *kept);

	if (!kept)
		return NULL;
	kept->result = mariadb_query(server, complaint, "SELECT id, name, definition, sum, increment, columns, prefixed, keyed, same"
		" FROM %s.tables WHERE id = %d OR %d = 0 ORDER BY id", server->copy, id, id);
	kept->tables = kept->result ? calloc(mysql_num_rows(kept->result) + 1, sizeof *kept->tables) : NULL;
	for (MYSQL_ROW row; kept->tables && (row = mysql_fetch_row(kept->result));)
		if (take_row(&kept->tables[kept->n++], row) < 0) {
			snprintf(complaint->text, sizeof complaint->text, "the copy of the table %.100s can't be read", row[1]);
			mariadb_kept_close(kept);
			return NULL;
		}
	if (kept->tables)
		return kept;
	mariadb_kept_close(kept);
	return NULL;
}

void mariadb_kept_close(struct kept *kept)
{
	if (!kept)
		return;
	mysql_free_result(kept->result);
	free(kept->tables);
	free(kept);
}

/* What was made besides: its kind, its name. */
MYSQL_RES *mariadb_new_objects(struct server *server, struct complaint *complaint)
{
	return mariadb_query(server, complaint, "SELECT kind, name FROM (" OBJECTS " UNION ALL SELECT 'TABLE', TABLE_NAME"
		MARIADB_TABLES ") now WHERE (kind, BINARY name) NOT IN (SELECT kind, BINARY name FROM %s.objects"
		" UNION ALL SELECT 'TABLE', name FROM %s.tables)", server->copy, server->copy);
}

/* How many of those that were there are gone. */
long long mariadb_lost_objects(struct server *server, struct complaint *complaint)
{
	return mariadb_number(server, complaint, "SELECT COUNT(*) FROM %s.objects WHERE (kind, BINARY name) NOT IN (SELECT kind,"
		" BINARY name FROM (" OBJECTS ") now)", server->copy);
}

#endif
