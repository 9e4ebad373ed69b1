/*
 * A shop on MariaDB: its webhook handler and its charge response both see a pending order and both fulfil it.
 * database: mariadb
 * race: explore
 * expect: serializability within 10
 * class: double effect
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

#include "handlers.h"
