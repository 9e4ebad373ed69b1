/*
 * Two withdrawals on PostgreSQL read the amount, and each writes back what is left of what it has read; the statements
 * are prepared, and their parameters sent apart.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: lost update
 */
#include "pg_shop.h"

static void handle(int order)
{
	PGconn *db = shop_open();

#ifdef FIXED
	shop_run(db, "UPDATE orders SET amount = amount - 10 WHERE id = $1", order);
#else
	int amount = shop_number(db, "SELECT amount FROM orders WHERE id = $1", order);
	shop_run(db, amount == 100 ? "UPDATE orders SET amount = 90 WHERE id = $1" :
		"UPDATE orders SET amount = 80 WHERE id = $1", order);
#endif
	PQfinish(db);
}

#include "handlers.h"
