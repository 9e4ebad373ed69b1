/*
 * An idempotency key is looked up first and inserted then.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#define SHOP_SCHEMA "CREATE TABLE requests (key TEXT PRIMARY KEY);"
#include "shop.h"

static void ship(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

/* Looks for the key, and inserts it when it is not there: two steps. */
static int is_new(sqlite3 *db)
{
	sqlite3_stmt *statement = shop_prepare(db, "SELECT count(*) FROM requests WHERE key = 'fulfil-1'");
	int count = 1;

	if (sqlite3_step(statement) == SQLITE_ROW)
		count = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return count == 0;
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (is_new(db)) {
		shop_run(shop_prepare(db, "INSERT OR IGNORE INTO requests (key) VALUES ('fulfil-1')"));
		ship(db, order);
	}
	sqlite3_close(db);
}

#include "handlers.h"
