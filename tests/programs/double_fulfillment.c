/*
 * A shop's webhook handler and its charge response both see a pending order and both fulfil it.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#include "shop.h"

static void fulfill(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "UPDATE orders SET status = ? WHERE id = ?");

	sqlite3_bind_text(statement, 1, "fulfilled", -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, order);
	shop_run(statement);
	statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");
	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (shop_is_pending(db, order))
		fulfill(db, order);
	sqlite3_close(db);
}

#include "handlers.h"
