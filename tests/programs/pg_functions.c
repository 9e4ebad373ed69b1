/*
 * A shop on PostgreSQL whose handlers call functions of the database, one that looks and one that fulfils. Which tables
 * these touch is not known, so it is told what was called by whom, and when.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: double effect
 * message: came to SELECT fulfill(?) between SELECT is_pending(?) and SELECT fulfill(?) of
 */
#define SHOP_TABLE \
	"CREATE FUNCTION is_pending(which integer) RETURNS boolean LANGUAGE sql AS " \
	"'SELECT status = ''pending'' FROM orders WHERE id = which'; " \
	"CREATE FUNCTION fulfill(which integer) RETURNS integer LANGUAGE sql AS " \
	"'UPDATE orders SET status = ''fulfilled'' WHERE id = which; " \
	"INSERT INTO shipments (order_id) VALUES (which) RETURNING id'; " \
	"CREATE FUNCTION fulfill_pending(which integer) RETURNS integer LANGUAGE sql AS " \
	"'WITH done AS (UPDATE orders SET status = ''fulfilled'' WHERE id = which AND status = ''pending'' RETURNING id) " \
	"INSERT INTO shipments (order_id) SELECT id FROM done RETURNING id'"
#include "pg_shop.h"

static void handle(int order)
{
	PGconn *db = shop_open();

	(void)order;
#ifdef FIXED
	PQclear(shop_query(db, "SELECT fulfill_pending(1)", 0));
#else
	PGresult *pending = shop_query(db, "SELECT is_pending(1)", 0);
	if (*PQgetvalue(pending, 0, 0) == 't')
		PQclear(shop_query(db, "SELECT fulfill(1)", 0));
	PQclear(pending);
#endif
	PQfinish(db);
}

#include "handlers.h"
