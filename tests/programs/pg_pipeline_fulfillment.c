/*
 * A shop on PostgreSQL whose handlers send statements down a pipeline and look at the status before its end (Flush, no
 * Sync yet): for the server such a session is at work while it waits for its client. Both handlers see a pending order.
 * database: postgresql
 * race: explore
 * expect: serializability within 10
 * class: double effect
 * message: before either wrote it (SELECT status FROM orders WHERE id = $1 / UPDATE orders SET status = ? WHERE id
 */
#include "pg_shop.h"

#ifdef FIXED
#define LOOK "SELECT status FROM orders WHERE id = $1 FOR UPDATE"
#else
#define LOOK "SELECT status FROM orders WHERE id = $1"
#endif

static void push(PGconn *db, const char *sql, int nparameters)
{
	const char *const one[] = {"1"};

	if (!PQsendQueryParams(db, sql, nparameters, NULL, one, NULL, NULL, 0))
		shop_fail(db, sql);
}

/* The reply to one statement: is it a row that says `pending`? */
static int pull(PGconn *db)
{
	PGresult *result;
	int pending = 0;

	while ((result = PQgetResult(db)) != NULL) {
		if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
			shop_fail(db, "pipeline");
		pending |= PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "pending") == 0;
		PQclear(result);
	}
	return pending;
}

static void handle(int order)
{
	PGconn *db = shop_open();
	int nleft = 1;

	(void)order;
	if (!PQenterPipelineMode(db))
		shop_fail(db, "pipeline");
	push(db, "BEGIN", 0);
	push(db, LOOK, 1);
	PQsendFlushRequest(db);
	PQflush(db);
	pull(db);
	if (pull(db)) {
		push(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1", 1);
		push(db, "INSERT INTO shipments (order_id) VALUES ($1)", 1);
		nleft = 3;
	}
	push(db, "COMMIT", 0);
	PQpipelineSync(db);
	while (nleft-- > 0)
		pull(db);
	PGresult *sync = PQgetResult(db);
	if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
		shop_fail(db, "sync");
	PQclear(sync);
	PQfinish(db);
}

#include "handlers.h"
