/* A shop on PostgreSQL whose handlers take connections from a pool, with statements that were prepared when it was
 * filled: both see a pending order and both fulfil it.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: double effect
 */
#include "pg_shop.h"

#define POOLED PGconn

static PGconn *pooled_open(void)
{
	PGconn *db = shop_open();

	shop_run(db, "SET application_name = 'shop'", 0);
	PQclear(PQprepare(db, "status", "SELECT status FROM orders WHERE id = $1", 1, NULL));
#ifdef FIXED
	PQclear(PQprepare(db, "fulfil", "UPDATE orders SET status = 'fulfilled' WHERE id = $1 AND status = 'pending'", 1, NULL));
#else
	PQclear(PQprepare(db, "fulfil", "UPDATE orders SET status = 'fulfilled' WHERE id = $1", 1, NULL));
#endif
	PQclear(PQprepare(db, "ship", "INSERT INTO shipments (order_id) VALUES ($1)", 1, NULL));
	return db;
}

static PGresult *perform(PGconn *db, const char *name, int order)
{
	char text[16];
	const char *const values[] = {text};

	snprintf(text, sizeof text, "%d", order);
	PGresult *result = PQexecPrepared(db, name, 1, values, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		shop_fail(db, name);
	return result;
}

static void handle(PGconn *db, int order)
{
	PGresult *status = perform(db, "status", order);

	if (strcmp(PQgetvalue(status, 0, 0), "pending") == 0) {
		PGresult *fulfilled = perform(db, "fulfil", order);
		if (strcmp(PQcmdTuples(fulfilled), "1") == 0)
			PQclear(perform(db, "ship", order));
		PQclear(fulfilled);
	}
	PQclear(status);
}

#define pooled_close PQfinish
#include "pooled.h"
