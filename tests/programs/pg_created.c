/*
 * The two requests of pg_double_fulfillment on a database that the program makes itself: SHOP_URL names it, SHOP_SERVER
 * another one of the server, by which it is made. db/created.sh runs it.
 */
#include "pg_shop.h"

static void handle(int order)
{
	PGconn *db = shop_open();

#ifdef FIXED
	if (shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1 AND status = 'pending'", order) == 1)
		shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
#else
	if (shop_is_pending(db, order)) {
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1", order);
		shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
	}
#endif
	PQfinish(db);
}

static void clean(void)
{
	PGconn *db = shop_open();

	shop_run(db, "TRUNCATE orders, shipments", 0);
	PQfinish(db);
}

static void say(const char *sql)
{
	PGconn *db = PQconnectdb(getenv("SHOP_SERVER"));

	if (PQstatus(db) != CONNECTION_OK)
		shop_fail(db, "connect");
	shop_run(db, sql, 0);
	PQfinish(db);
}

#include "created.h"
