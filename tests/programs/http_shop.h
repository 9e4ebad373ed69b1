/*
 * What servers of shops do with order 1, of programs that speak HTTP: looks at it and fulfils it, or with FIXED in one
 * statement whose row count is looked at. False: somebody has done so before.
 */
#ifndef RACE_TESTS_HTTP_SHOP_H
#define RACE_TESTS_HTTP_SHOP_H

#include "http.h"
#include "shop.h"

static bool fulfill(sqlite3 *db)
{
#ifdef FIXED
	sqlite3_stmt *statement = shop_prepare(db,
		"UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'");
	shop_run(statement);
	if (sqlite3_changes(db) == 0)
		return false;
#else
	if (!shop_is_pending(db, 1))
		return false;
	shop_run(shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = 1"));
#endif
	shop_run(shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (1)"));
	return true;
}

#endif
