/*
 * Fulfilments on PostgreSQL that look as if they were repaired, each with something missing.
 * database: postgresql
 * time-limit: 180
 *
 * The row is locked by the check, but no transaction holds the lock.
 * race: explore --no-minimize -- autocommit
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * The row is locked between check and change, and nobody looks again.
 * race: explore --no-minimize -- late-lock
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * The check is inside the statement, too, but nobody looks how many rows it changed.
 * race: explore --no-minimize -- uncounted
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * The advisory lock is given back before the transaction is committed.
 * race: explore --no-minimize -- early-unlock
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * The key that says that it was done is looked for, then inserted.
 * race: explore --no-minimize -- check-insert
 * expect: serializability within 10
 * class: double insert
 * replays: 3
 *
 * Two workers take the oldest order that is pending from a queue.
 * race: explore --no-minimize -- queue
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 */
#ifdef FIXED
#define SHOP_TABLE "CREATE TABLE keys (key integer PRIMARY KEY)"
#else
#define SHOP_TABLE "CREATE TABLE keys (key integer NOT NULL)"
#endif
#include "pg_shop.h"

static const char *shop_way;

static int is_way(const char *way)
{
	return strcmp(shop_way, way) == 0;
}

static void fulfill(PGconn *db, int order)
{
	shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1", order);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
}

static const char lock_sql[] = "SELECT status FROM orders WHERE id = $1 FOR UPDATE";

#ifdef FIXED

static void handle_locked(PGconn *db, int order)
{
	shop_run(db, "BEGIN", 0);
	int pending = is_way("late-lock") ? shop_is_pending(db, order) : 1;
	if (pending && shop_is_pending_by(db, order, lock_sql))
		fulfill(db, order);
	shop_run(db, "COMMIT", 0);
}

static void handle_uncounted(PGconn *db, int order)
{
	if (shop_is_pending(db, order) &&
		shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1 AND status = 'pending'", order) == 1)
		shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
}

static void handle_unlock(PGconn *db, int order)
{
	shop_run(db, "BEGIN", 0);
	shop_run(db, "SELECT pg_advisory_xact_lock($1)", order);
	if (shop_is_pending(db, order))
		fulfill(db, order);
	shop_run(db, "COMMIT", 0);
}

static void handle_insert(PGconn *db, int order)
{
	shop_run(db, "INSERT INTO keys (key) VALUES ($1) ON CONFLICT DO NOTHING", order);
}

static void handle_queue(PGconn *db)
{
	shop_run(db, "BEGIN", 0);
	int order = shop_number(db, "SELECT id FROM orders WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", 0);
	if (order > 0)
		fulfill(db, order);
	shop_run(db, "COMMIT", 0);
}

#else

static void handle_locked(PGconn *db, int order)
{
	if (is_way("autocommit")) {
		if (shop_is_pending_by(db, order, lock_sql))
			fulfill(db, order);
		return;
	}
	shop_run(db, "BEGIN", 0);
	if (shop_is_pending(db, order)) {
		shop_run(db, lock_sql, order);
		fulfill(db, order);
	}
	shop_run(db, "COMMIT", 0);
}

static void handle_uncounted(PGconn *db, int order)
{
	if (!shop_is_pending(db, order))
		return;
	shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1 AND status = 'pending'", order);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
}

static void handle_unlock(PGconn *db, int order)
{
	shop_run(db, "BEGIN", 0);
	shop_run(db, "SELECT pg_advisory_lock($1)", order);
	if (shop_is_pending(db, order))
		fulfill(db, order);
	shop_run(db, "SELECT pg_advisory_unlock($1)", order);
	shop_run(db, "COMMIT", 0);
}

static void handle_insert(PGconn *db, int order)
{
	if (shop_number(db, "SELECT count(*) FROM keys WHERE key = $1", order) == 0)
		shop_run(db, "INSERT INTO keys (key) VALUES ($1)", order);
}

static void handle_queue(PGconn *db)
{
	int order = shop_number(db, "SELECT id FROM orders WHERE status = 'pending' ORDER BY id LIMIT 1", 0);

	if (order > 0)
		fulfill(db, order);
}

#endif

static void handle(int order)
{
	PGconn *db = shop_open();

	if (is_way("uncounted"))
		handle_uncounted(db, order);
	else if (is_way("early-unlock"))
		handle_unlock(db, order);
	else if (is_way("check-insert"))
		handle_insert(db, order);
	else if (is_way("queue"))
		handle_queue(db);
	else
		handle_locked(db, order);
	PQfinish(db);
}

#include "handlers.h"
