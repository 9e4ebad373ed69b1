/*
 * Two withdrawals on MariaDB read the amount into a variable of their session by SET, which looks like a setting, and
 * write back what is left of it.
 * database: mariadb
 * race: explore --no-minimize
 * expect: serializability within 10
 * class: lost update
 * replays: 3
 */
#include "my_shop.h"

static void handle(int order)
{
	MYSQL *db = shop_open();

#ifdef FIXED
	shop_run(db, "BEGIN", 0);
	shop_run(db, "SET @had = (SELECT amount FROM orders WHERE id = %d FOR UPDATE)", order);
#else
	shop_run(db, "SET @had = (SELECT amount FROM orders WHERE id = %d)", order);
#endif
	shop_run(db, "UPDATE orders SET amount = @had - 10 WHERE id = %d", order);
	shop_run(db, "COMMIT", 0);
	mysql_close(db);
}

#include "handlers.h"
