/*
 * A shop on PostgreSQL whose handlers send several statements in one text: the fulfilment is a single query, but whether
 * the order is pending was asked before.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: double effect
 * message: both read orders before either wrote it (SELECT status FROM orders WHERE id = $1 / BEGIN; UPDATE orders SET
 */
#include "pg_shop.h"

#ifdef FIXED
#define FULFILL \
	"BEGIN; WITH done AS (UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending' RETURNING id) " \
	"INSERT INTO shipments (order_id) SELECT id FROM done; COMMIT"
#else
#define FULFILL \
	"BEGIN; UPDATE orders SET status = 'fulfilled' WHERE id = 1; INSERT INTO shipments (order_id) VALUES (1); COMMIT"
#endif

static void handle(int order)
{
	PGconn *db = shop_open();

	if (shop_is_pending(db, order))
		shop_run(db, FULFILL, order);
	PQfinish(db);
}

#include "handlers.h"
