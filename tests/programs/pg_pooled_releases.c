/*
 * Handlers on PostgreSQL with connections from a pool that give back too early what keeps them apart, or trust one
 * statement to look and change where its transaction goes on: what it has written nobody sees before the commit.
 * database: postgresql
 * time-limit: 180
 *
 * The row is locked by the check, whose transaction ends before the change.
 * race: explore --no-minimize -- commit
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * The advisory lock is given back before the change.
 * race: explore --no-minimize -- unlock
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * It is given back before the commit.
 * race: explore --no-minimize -- unlock-commit
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * Going back to a savepoint gives back what was locked since.
 * race: explore --no-minimize -- savepoint
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * A shipment is made where there is none: two transactions don't see each other's.
 * race: explore --no-minimize -- merge
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * The lock is given back before the commit, and much else is read and written meanwhile.
 * race: explore --no-minimize -- long
 * expect: serializability within 10
 * class: lost update
 * replays: 3
 */
#define SHOP_TABLE "CREATE TABLE notes (id serial PRIMARY KEY, order_id integer NOT NULL)"
#include "pg_shop.h"

#define POOLED PGconn
#define pooled_open shop_open
#define pooled_close PQfinish

static void handle(PGconn *db, int order);
#include "pooled.h"

#ifdef FIXED
enum { FIRST = 0, LAST = 1 };
#else
enum { FIRST = 1, LAST = 0 };
#endif

static int is_way(const char *way)
{
	return strcmp(shop_way, way) == 0;
}

static void run_if(int condition, PGconn *db, const char *sql)
{
	if (condition)
		shop_run(db, sql, 0);
}

static void fulfill(PGconn *db, int order)
{
	shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = $1", order);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", order);
}

/* Ends with a commit; what gives the row back comes first or last. */
static void handle_row(PGconn *db, int order)
{
	int returns = is_way("savepoint");

	shop_run(db, "BEGIN", 0);
	run_if(FIRST && returns, db, "SAVEPOINT checked");
	int pending = shop_is_pending_by(db, order, "SELECT status FROM orders WHERE id = $1 FOR UPDATE");
	run_if(FIRST && returns, db, "ROLLBACK TO SAVEPOINT checked");
	run_if(FIRST && !returns, db, "COMMIT");
	if (pending)
		fulfill(db, order);
	run_if(LAST || returns, db, "COMMIT");
}

static void handle_unlock(PGconn *db, int order)
{
	shop_run(db, "SELECT pg_advisory_lock($1)", order);
	int pending = shop_is_pending(db, order);
	run_if(FIRST, db, "SELECT pg_advisory_unlock(1)");
	if (pending)
		fulfill(db, order);
	run_if(LAST, db, "SELECT pg_advisory_unlock(1)");
}

static void take_ten(PGconn *db)
{
	shop_run(db, "INSERT INTO notes (order_id) VALUES (1)", 0);
	int amount = shop_number(db, "SELECT amount FROM orders WHERE id = 1", 0);
	shop_number(db, "SELECT count(*) FROM shipments", 0);
	shop_run(db, "UPDATE orders SET amount = $1 WHERE id = 1", amount - 10);
	shop_run(db, "INSERT INTO notes (order_id) VALUES (2)", 0);
}

static void handle_commit(PGconn *db, int order)
{
	run_if(LAST, db, "SELECT pg_advisory_lock(1)");
	shop_run(db, "BEGIN", 0);
	run_if(FIRST, db, "SELECT pg_advisory_lock(1)");
	if (is_way("long"))
		take_ten(db);
	else if (shop_is_pending(db, order))
		fulfill(db, order);
	run_if(FIRST, db, "SELECT pg_advisory_unlock(1)");
	shop_run(db, "COMMIT", 0);
	run_if(LAST, db, "SELECT pg_advisory_unlock(1)");
}

static void handle_merge(PGconn *db)
{
	shop_run(db, "BEGIN", 0);
	run_if(LAST, db, "SELECT status FROM orders WHERE id = 1 FOR UPDATE");
	shop_run(db, "MERGE INTO shipments s USING (SELECT 1 AS id) one ON s.order_id = one.id "
		"WHEN NOT MATCHED THEN INSERT (order_id) VALUES (one.id)", 0);
	shop_run(db, "COMMIT", 0);
}

static void handle(PGconn *db, int order)
{
	if (is_way("merge"))
		handle_merge(db);
	else if (is_way("unlock"))
		handle_unlock(db, order);
	else if (is_way("unlock-commit") || is_way("long"))
		handle_commit(db, order);
	else
		handle_row(db, order);
}
