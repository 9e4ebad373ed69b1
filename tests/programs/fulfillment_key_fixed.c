/*
 * An idempotency key is inserted first.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
 */
#define SHOP_SCHEMA "CREATE TABLE requests (key TEXT PRIMARY KEY);"
#include "shop.h"

static void ship(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

/* The key of the request is inserted first: who inserts it does the work. */
static int claim(sqlite3 *db)
{
	sqlite3_stmt *statement = shop_prepare(db, "INSERT OR IGNORE INTO requests (key) VALUES ('fulfil-1')");

	shop_run(statement);
	return sqlite3_changes(db);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (claim(db) == 1)
		ship(db, order);
	sqlite3_close(db);
}

#include "handlers.h"
