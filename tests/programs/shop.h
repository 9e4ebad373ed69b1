/*
 * A small shop on SQLite: what the fulfilment programs have in common. Each handler opens a connection of its own, as
 * request handlers do. The database lies in the current folder and is made afresh by shop_create.
 */
#ifndef RACE_TESTS_SHOP_H
#define RACE_TESTS_SHOP_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SHOP_DATABASE
#define SHOP_DATABASE "shop.db"
#endif
#ifndef SHOP_JOURNAL
#define SHOP_JOURNAL "DELETE"
#endif
#ifndef SHOP_SCHEMA
#define SHOP_SCHEMA ""
#endif

static inline void shop_fail(sqlite3 *db, const char *what)
{
	fprintf(stderr, "shop: %s: %s\n", what, db ? sqlite3_errmsg(db) : "out of memory");
	exit(3);
}

static inline sqlite3 *shop_open(void)
{
	sqlite3 *db;

	if (sqlite3_open(SHOP_DATABASE, &db) != SQLITE_OK)
		shop_fail(db, "open");
	sqlite3_busy_timeout(db, 5000);
	return db;
}

static inline sqlite3_stmt *shop_prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		shop_fail(db, sql);
	return statement;
}

/* Runs a statement that returns no rows, and finishes it. Returns SQLite's result. */
static inline int shop_try(sqlite3_stmt *statement)
{
	sqlite3_step(statement);
	return sqlite3_finalize(statement);
}

static inline void shop_run(sqlite3_stmt *statement)
{
	sqlite3 *db = sqlite3_db_handle(statement);

	if (shop_try(statement) != SQLITE_OK)
		shop_fail(db, "statement");
}

static inline int shop_exec(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static inline int shop_is_pending(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "SELECT status FROM orders WHERE id = ?");
	int pending = 0;

	sqlite3_bind_int(statement, 1, order);
	if (sqlite3_step(statement) == SQLITE_ROW)
		pending = strcmp((const char *)sqlite3_column_text(statement, 0), "pending") == 0;
	if (sqlite3_finalize(statement) != SQLITE_OK)
		shop_fail(db, "select");
	return pending;
}

static inline void shop_create(void)
{
	static const char *const files[] = {SHOP_DATABASE, SHOP_DATABASE "-journal", SHOP_DATABASE "-wal",
		SHOP_DATABASE "-shm"};
	sqlite3 *db;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(files[i]);
	db = shop_open();
	if (shop_exec(db, "PRAGMA journal_mode = " SHOP_JOURNAL ";"
			  "CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL);"
			  "CREATE TABLE shipments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL);"
 SHOP_SCHEMA
			  "INSERT INTO orders VALUES (1, 'pending')") != SQLITE_OK)
		shop_fail(db, "create");
	sqlite3_close(db);
}

#endif
