/*
 * The fulfilment on PostgreSQL with its check inside the statement that changes the row.
 * database: postgresql
 * time-limit: 180
 * race: explore --max-executions 150
 * expect: clean
 */
#include "pg_shop.h"

static void handle(int order)
{
	PGconn *db = shop_open();

	if (shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1 AND status = 'pending'", order) == 1)
		shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
	PQfinish(db);
}

#include "handlers.h"
