/*
 * Two withdrawals on MariaDB read the amount, and each writes back what is left of what it has read.
 * database: mariadb
 * race: explore
 * expect: serializability within 10
 * class: lost update
 */
#include "my_shop.h"

static void handle(int order)
{
	MYSQL *db = shop_open();

#ifdef FIXED
	shop_run(db, "UPDATE orders SET amount = amount - 10 WHERE id = %d", order);
#else
	int amount = shop_number(db, "SELECT amount FROM orders WHERE id = %d", order);
	shop_run(db, amount == 100 ? "UPDATE orders SET amount = 90 WHERE id = %d" :
		"UPDATE orders SET amount = 80 WHERE id = %d", order);
#endif
	mysql_close(db);
}

#include "handlers.h"
