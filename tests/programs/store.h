/*
 * A small store on an SQLite file, for programs whose units are threads with a connection of their own.
 *
 * The file is the program's path with ".db" at its end; it is made anew by store_create. The program's arguments say
 * how units use it: `begin` puts each into one transaction that begins without a lock, `immediate` into one that
 * begins with the write lock, otherwise every statement stands alone; `wal` chooses write-ahead logging.
 *
 * A unit's thread returns STORE_OK when it has done its work, STORE_DECLINED when it rightly did not, STORE_REFUSED
 * when the database was busy and its transaction was rolled back.
 */
#ifndef TESTS_PROGRAMS_STORE_H
#define TESTS_PROGRAMS_STORE_H

#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include "threads.h"

enum { STORE_NONE = INT_MIN };

#define STORE_OK ((void *)1)
#define STORE_DECLINED ((void *)2)
#define STORE_REFUSED ((void *)3)

static char store_path[4096];
static const char *store_begin;     /* statement that begins a unit's transaction, NULL: none */
static __thread bool store_is_busy; /* since the unit began; its further statements do nothing */

/* A connection that waits for locks as long as it takes. */
static inline sqlite3 *store_connect(void)
{
	sqlite3 *connection;
	int code = sqlite3_open(store_path, &connection);
	assert(code == SQLITE_OK);
	sqlite3_busy_timeout(connection, 60000);
	return connection;
}

/* Makes one step of a statement with an int for each of its question marks. */
static inline int store_step(sqlite3 *connection, sqlite3_stmt **statement, const char *sql, va_list values)
{
	int code = sqlite3_prepare_v2(connection, sql, -1, statement, NULL);
	assert(code == SQLITE_OK);
	for (int i = 1; i <= sqlite3_bind_parameter_count(*statement); i++)
		sqlite3_bind_int(*statement, i, va_arg(values, int));
	code = sqlite3_step(*statement);
	assert(code == SQLITE_ROW || code == SQLITE_DONE || code == SQLITE_CONSTRAINT || code == SQLITE_BUSY);
	store_is_busy |= code == SQLITE_BUSY;
	return code;
}

/* Runs a statement that returns no rows; returns how many it changed. A broken constraint changes none. */
static inline int store_run(sqlite3 *connection, const char *sql, ...)
{
	if (store_is_busy)
		return 0;
	sqlite3_stmt *statement;
	va_list values;
	va_start(values, sql);
	int code = store_step(connection, &statement, sql, values);
	va_end(values);
	int nchanged = code == SQLITE_DONE ? sqlite3_changes(connection) : 0;
	sqlite3_finalize(statement);
	return nchanged;
}

/* The first column of the first row, or STORE_NONE when there is no row. */
static inline int store_ask(sqlite3 *connection, const char *sql, ...)
{
	if (store_is_busy)
		return STORE_NONE;
	sqlite3_stmt *statement;
	va_list values;
	va_start(values, sql);
	int code = store_step(connection, &statement, sql, values);
	va_end(values);
	int answer = code == SQLITE_ROW ? sqlite3_column_int(statement, 0) : STORE_NONE;
	sqlite3_finalize(statement);
	return answer;
}

/* Does a unit's work on a connection of its own, in a transaction where the arguments ask for one. */
static inline void *store_unit(bool (*work)(sqlite3 *connection, int argument), int argument)
{
	sqlite3 *connection = store_connect();
	store_is_busy = false;
	if (store_begin)
		store_run(connection, store_begin);
	void *result = work(connection, argument) ? STORE_OK : STORE_DECLINED;
	if (!sqlite3_get_autocommit(connection))
		store_run(connection, "COMMIT");
	if (store_is_busy) {
		store_is_busy = false;
		store_run(connection, "ROLLBACK");
		result = STORE_REFUSED;
	}
	sqlite3_close(connection);
	return result;
}

static inline void store_execute(sqlite3 *connection, const char *sql)
{
	int code = sqlite3_exec(connection, sql, NULL, NULL, NULL);
	assert(code == SQLITE_OK);
}

/* Reads the program's arguments and makes a fresh file with this content: statements separated by semicolons. */
static inline void store_create(int argc, char **argv, const char *content)
{
	static const char *const ends[] = {"-journal", "-wal", "-shm", "", NULL};
	const char *journal = "PRAGMA journal_mode = delete";
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "begin") == 0)
			store_begin = "BEGIN";
		else if (strcmp(argv[i], "immediate") == 0)
			store_begin = "BEGIN IMMEDIATE";
		else if (strcmp(argv[i], "wal") == 0)
			journal = "PRAGMA journal_mode = wal";
	for (const char *const *end = ends; *end; end++) {
		snprintf(store_path, sizeof(store_path), "%s.db%s", argv[0], *end);
		unlink(store_path);
	}
	sqlite3 *connection = store_connect();
	store_execute(connection, journal);
	store_execute(connection, content);
	sqlite3_close(connection);
}

#endif
