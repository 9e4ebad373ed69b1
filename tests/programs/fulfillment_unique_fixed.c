/*
 * A unique key with ON CONFLICT DO NOTHING decides who hands the parcel over.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
 */
#define SHOP_SCHEMA "CREATE UNIQUE INDEX one_shipment ON shipments (order_id);"
#include "shared/race.h"
#include "shop.h"

/* A unique key decides; who lost sees that nothing was inserted. */
static int ship_once(sqlite3 *db, int order)
{
	sqlite3_stmt *statement =
		shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?) ON CONFLICT (order_id) DO NOTHING");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
	return sqlite3_changes(db);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (ship_once(db, order) == 1)
		race_effect("parcel handed over", "order 1");
	sqlite3_close(db);
}

#include "handlers.h"
