/*
 * The fulfilment on PostgreSQL with a unique key: who comes second inserts nothing, and does no more.
 * database: postgresql
 * time-limit: 180
 * race: explore --max-executions 150
 * expect: clean
 */
#define SHOP_SCHEMA " UNIQUE"
#include "pg_shop.h"

static void handle(int order)
{
	PGconn *db = shop_open();

	if (shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1) ON CONFLICT DO NOTHING", order) == 1)
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1", order);
	PQfinish(db);
}

#include "handlers.h"
