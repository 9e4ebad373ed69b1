/*
 * A unique key guards the table, but the effect comes before the insert.
 * race: explore
 * expect: serializability within 5
 * class: double effect
 */
#define SHOP_SCHEMA "CREATE UNIQUE INDEX one_shipment ON shipments (order_id);"
#include "shared/race.h"
#include "shop.h"

/* The unique key keeps the table right, but the parcel has left before. */
static void ship_once(sqlite3 *db, int order)
{
	sqlite3_stmt *statement =
		shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?) ON CONFLICT (order_id) DO NOTHING");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

static void settle(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ?");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (shop_is_pending(db, order)) {
		race_effect("parcel handed over", "order 1");
		ship_once(db, order);
		settle(db, order);
	}
	sqlite3_close(db);
}

#include "handlers.h"
