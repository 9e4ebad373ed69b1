/*
 * A fix that does not hold: check and change in one transaction of MariaDB, whose REPEATABLE READ reads from a snapshot
 * and locks nothing.
 * database: mariadb
 * race: explore
 * expect: serializability within 10
 * class: double effect
 */
#include "my_shop.h"

static void handle(int order)
{
	MYSQL *db = shop_open();

	shop_run(db, "START TRANSACTION", 0);
#ifdef FIXED
	if (shop_number(db, "SELECT status = 'pending' FROM orders WHERE id = %d FOR UPDATE", order) == 1) {
#else
	if (shop_is_pending(db, order)) {
#endif
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d", order);
		shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
	}
	shop_run(db, "COMMIT", 0);
	mysql_close(db);
}

#include "handlers.h"
