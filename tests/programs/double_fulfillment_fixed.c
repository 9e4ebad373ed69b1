/*
 * The fulfilment with its check inside the statement that changes the row.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
 */
#include "shop.h"

static void ship(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

/* Check and change in one statement; the row count tells who won. */
static int claim(sqlite3 *db, int order)
{
	sqlite3_stmt *statement =
		shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ? AND status = 'pending'");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
	return sqlite3_changes(db);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (claim(db, order) == 1)
		ship(db, order);
	sqlite3_close(db);
}

#include "handlers.h"
