/*
 * Handlers on MariaDB with connections from a pool that give back too early what keeps them apart.
 * database: mariadb
 * time-limit: 180
 *
 * The row is locked by the check, whose transaction ends before the change.
 * race: explore --no-minimize -- commit
 * expect: serializability within 10
 * class: double effect
 * replays: 3
 *
 * GET_LOCK's lock is given back before the change.
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
 */
#include "my_shop.h"

#define POOLED MYSQL
#define pooled_open shop_open
#define pooled_close mysql_close

static void handle(MYSQL *db, int order);
#include "pooled.h"

#ifdef FIXED
enum { FIRST = 0, LAST = 1 };
#else
enum { FIRST = 1, LAST = 0 };
#endif

static const char lock[] = "SELECT GET_LOCK('orders', 60)", unlock[] = "SELECT RELEASE_LOCK('orders')";

static int is_way(const char *way)
{
	return strcmp(shop_way, way) == 0;
}

static void run_if(int condition, MYSQL *db, const char *sql)
{
	if (condition)
		shop_run(db, sql, 0);
}

static void fulfill(MYSQL *db, int order)
{
	shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d", order);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
}

static void handle_row(MYSQL *db, int order)
{
	shop_run(db, "START TRANSACTION", 0);
	int pending = shop_number(db, "SELECT status = 'pending' FROM orders WHERE id = %d FOR UPDATE", order) == 1;
	run_if(FIRST, db, "COMMIT");
	if (pending)
		fulfill(db, order);
	run_if(LAST, db, "COMMIT");
}

static void handle_unlock(MYSQL *db, int order)
{
	shop_run(db, lock, 0);
	int pending = shop_is_pending(db, order);
	run_if(FIRST, db, unlock);
	if (pending)
		fulfill(db, order);
	run_if(LAST, db, unlock);
}

static void handle_commit(MYSQL *db, int order)
{
	run_if(LAST, db, lock);
	shop_run(db, "START TRANSACTION", 0);
	run_if(FIRST, db, lock);
	if (shop_is_pending(db, order))
		fulfill(db, order);
	run_if(FIRST, db, unlock);
	shop_run(db, "COMMIT", 0);
	run_if(LAST, db, unlock);
}

static void handle(MYSQL *db, int order)
{
	if (is_way("unlock"))
		handle_unlock(db, order);
	else if (is_way("unlock-commit"))
		handle_commit(db, order);
	else
		handle_row(db, order);
}
