/*
 * Two workers take an order from a queue, the first that a query without ORDER BY gives: both see it before either takes it.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 */
#define SHOP_ROWS "(1, 'pending', 100), (2, 'pending', 100), (3, 'pending', 100)"
#include "pg_shop.h"

static void handle(int worker)
{
	PGconn *db = shop_open();

	(void)worker;
#ifdef FIXED
	int order = shop_number(db, "UPDATE orders SET status = 'done' WHERE id = (SELECT id FROM orders WHERE status = 'pending'"
		" LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id", 0);
#else
	int order = shop_number(db, "SELECT id FROM orders WHERE status = 'pending' LIMIT 1", 0);
	shop_run(db, "UPDATE orders SET status = 'done' WHERE id = $1", order);
#endif
	shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
	PQfinish(db);
}

#include "handlers.h"
