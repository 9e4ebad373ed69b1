/*
 * The two requests of my_double_fulfillment on a database that the program makes itself, in a session with no database.
 * db/created.sh runs it.
 */
#include "my_shop.h"

static void handle(int order)
{
	MYSQL *db = shop_open();

#ifdef FIXED
	if (shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d AND status = 'pending'", order) == 1)
		shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
#else
	if (shop_is_pending(db, order)) {
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d", order);
		shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
	}
#endif
	mysql_close(db);
}

static void clean(void)
{
	MYSQL *db = shop_open();

	shop_run(db, "DELETE FROM orders", 0);
	shop_run(db, "DELETE FROM shipments", 0);
	mysql_close(db);
}

static void say(const char *sql)
{
	char socket[128] = "", user[64] = "";
	MYSQL *db = mysql_init(NULL);

	sscanf(getenv("SHOP_URL"), "mysql:///%*[^?]?socket=%127[^&]&user=%63s", socket, user);
	if (!mysql_real_connect(db, "localhost", user, NULL, NULL, 0, socket, 0))
		shop_fail(db, "connect");
	shop_run(db, sql, 0);
	mysql_close(db);
}

#include "created.h"
