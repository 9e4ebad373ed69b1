/*
 * A small store on an SQLite file, for programs whose units are threads with a connection of their own.
 *
 * The file is the program's path with ".db" at its end; it is made anew by store_create. "wal" as the program's first
 * argument chooses write-ahead logging. A unit that could not do its work because the database was busy says so with
 * STORE_REFUSED as its thread's return value; STORE_OK says that it has done it, STORE_DECLINED that it rightly did
 * not. None of them is NULL: that would tell nobody anything.
 */
#ifndef TESTS_PROGRAMS_STORE_H
#define TESTS_PROGRAMS_STORE_H

#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include "threads.h"

/* Answers that are no values. */
enum { STORE_NONE = INT_MIN, STORE_BUSY = INT_MIN + 1 };

#define STORE_OK ((void *)1)
#define STORE_DECLINED ((void *)2)
#define STORE_REFUSED ((void *)3)

static char store_path[4096];

/* A connection that waits for locks as long as it takes. */
static inline sqlite3 *store_connect(void)
{
	sqlite3 *connection;
	int code = sqlite3_open(store_path, &connection);
	assert(code == SQLITE_OK);
	sqlite3_busy_timeout(connection, 60000);
	return connection;
}

/* A statement with an int for each of its question marks. */
static inline sqlite3_stmt *store_prepare(sqlite3 *connection, const char *sql, va_list values)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
	assert(code == SQLITE_OK);
	for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++)
		sqlite3_bind_int(statement, i, va_arg(values, int));
	return statement;
}

/* Runs a statement; returns how many rows it changed, or STORE_BUSY. A broken constraint changes none. */
static inline int store_run(sqlite3 *connection, const char *sql, ...)
{
	va_list values;
	va_start(values, sql);
	sqlite3_stmt *statement = store_prepare(connection, sql, values);
	va_end(values);
	int code;
	do
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW);
	int nchanged = code == SQLITE_CONSTRAINT ? 0 : sqlite3_changes(connection);
	sqlite3_finalize(statement);
	if (code == SQLITE_BUSY)
		return STORE_BUSY;
	assert(code == SQLITE_DONE || code == SQLITE_CONSTRAINT);
	return nchanged;
}

/* The first column of the first row, STORE_NONE when there is no row, or STORE_BUSY. */
static inline int store_ask(sqlite3 *connection, const char *sql, ...)
{
	va_list values;
	va_start(values, sql);
	sqlite3_stmt *statement = store_prepare(connection, sql, values);
	va_end(values);
	int code = sqlite3_step(statement);
	int answer = code == SQLITE_ROW ? sqlite3_column_int(statement, 0) : STORE_NONE;
	sqlite3_finalize(statement);
	if (code == SQLITE_BUSY)
		return STORE_BUSY;
	assert(code == SQLITE_ROW || code == SQLITE_DONE);
	return answer;
}

/* A fresh file with this schema and content: statements separated by semicolons. */
static inline void store_create(int argc, char **argv, const char *schema)
{
	static const char *const ends[] = {"-journal", "-wal", "-shm", "", NULL};
	bool wal = argc > 1 && strcmp(argv[1], "wal") == 0;
	for (const char *const *end = ends; *end; end++) {
		snprintf(store_path, sizeof(store_path), "%s.db%s", argv[0], *end);
		unlink(store_path);
	}
	sqlite3 *connection = store_connect();
	int code = sqlite3_exec(connection, wal ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = delete",
		NULL, NULL, NULL);
	assert(code == SQLITE_OK);
	code = sqlite3_exec(connection, schema, NULL, NULL, NULL);
	assert(code == SQLITE_OK);
	sqlite3_close(connection);
}

#endif
