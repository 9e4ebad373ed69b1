/*
 * The fulfilment on PostgreSQL, in a transaction that locks the order first.
 * database: postgresql
 * time-limit: 180
 * race: explore --max-executions 150
 * expect: clean
 */
#include "pg_shop.h"

static void handle(int order)
{
	PGconn *db = shop_open();

	shop_run(db, "BEGIN", 0);
	if (shop_is_pending_by(db, order, "SELECT status FROM orders WHERE id = $1 FOR UPDATE")) {
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1", order);
		shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
	}
	shop_run(db, "COMMIT", 0);
	PQfinish(db);
}

#include "handlers.h"
