/*
 * BEGIN IMMEDIATE takes the write lock before the check: the second handler waits and sees the result.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
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

	if (shop_exec(db, "BEGIN IMMEDIATE") != SQLITE_OK)
		shop_fail(db, "begin");
	if (shop_is_pending(db, order))
		fulfill(db, order);
	if (shop_exec(db, "COMMIT") != SQLITE_OK)
		shop_fail(db, "commit");
	sqlite3_close(db);
}

#include "handlers.h"
