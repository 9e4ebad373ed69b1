/*
 * A conditional UPDATE whose row count nobody looks at.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#include "shop.h"

static void ship(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

/* The row count would tell who won, but nobody looks at it. */
static void claim(sqlite3 *db, int order)
{
	sqlite3_stmt *statement =
		shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ? AND status = 'pending'");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (shop_is_pending(db, order)) {
		claim(db, order);
		ship(db, order);
	}
	sqlite3_close(db);
}

#include "handlers.h"
