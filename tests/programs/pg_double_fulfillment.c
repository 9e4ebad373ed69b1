/*
 * A shop on PostgreSQL: its webhook handler and its charge response both see a pending order and both fulfil it.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: double effect
 */
#include "pg_shop.h"

static void handle(int order)
{
	PGconn *db = shop_open();

	if (shop_is_pending(db, order)) {
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1", order);
		shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
	}
	PQfinish(db);
}

#include "handlers.h"
