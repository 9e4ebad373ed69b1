/*
 * Fulfilments on MariaDB that look as if they were repaired, each with something missing.
 * database: mariadb
 * time-limit: 180
 *
 * A transaction under READ COMMITTED, whose check locks nothing.
 * race: explore --no-minimize -- committed
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
 * GET_LOCK's lock is given back before the transaction is committed.
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
#define SHOP_TABLE "CREATE TABLE done (number int PRIMARY KEY)"
#else
#define SHOP_TABLE "CREATE TABLE done (number int NOT NULL)"
#endif
#include "my_shop.h"

static const char *shop_way;

static int is_way(const char *way)
{
	return strcmp(shop_way, way) == 0;
}

static void fulfill(MYSQL *db, int order)
{
	shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d", order);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
}

#ifdef FIXED

/* Under SERIALIZABLE the check locks the row for reading, and of two who then want to write one is refused: 1. */
static int try_serializable(MYSQL *db, int order)
{
	shop_run(db, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", 0);
	shop_run(db, "START TRANSACTION", 0);
	if (shop_is_pending(db, order)) {
		if (shop_try(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d", order) < 0)
			return 1;
		shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
	}
	shop_run(db, "COMMIT", 0);
	return 0;
}

static void handle_committed(MYSQL *db, int order)
{
	while (try_serializable(db, order)) {
	}
}

static void handle_uncounted(MYSQL *db, int order)
{
	if (shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d AND status = 'pending'", order) == 1)
		shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
}

static void handle_unlock(MYSQL *db, int order)
{
	shop_run(db, "SELECT GET_LOCK('orders', 60)", 0);
	shop_run(db, "START TRANSACTION", 0);
	if (shop_is_pending(db, order))
		fulfill(db, order);
	shop_run(db, "COMMIT", 0);
	shop_run(db, "SELECT RELEASE_LOCK('orders')", 0);
}

static void handle_insert(MYSQL *db, int order)
{
	if (shop_run(db, "INSERT IGNORE INTO done VALUES (%d)", order) == 1)
		shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
}

static void handle_queue(MYSQL *db)
{
	shop_run(db, "START TRANSACTION", 0);
	int order = shop_number(db, "SELECT id FROM orders WHERE status = 'pending' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", 0);
	if (order > 0)
		fulfill(db, order);
	shop_run(db, "COMMIT", 0);
}

#else

static void handle_committed(MYSQL *db, int order)
{
	shop_run(db, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", 0);
	shop_run(db, "START TRANSACTION", 0);
	if (shop_is_pending(db, order))
		fulfill(db, order);
	shop_run(db, "COMMIT", 0);
}

static void handle_uncounted(MYSQL *db, int order)
{
	if (!shop_is_pending(db, order))
		return;
	shop_run(db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d AND status = 'pending'", order);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES (%d)", order);
}

static void handle_unlock(MYSQL *db, int order)
{
	shop_run(db, "START TRANSACTION", 0);
	shop_run(db, "SELECT GET_LOCK('orders', 60)", 0);
	if (shop_is_pending(db, order))
		fulfill(db, order);
	shop_run(db, "SELECT RELEASE_LOCK('orders')", 0);
	shop_run(db, "COMMIT", 0);
}

static void handle_insert(MYSQL *db, int order)
{
	if (shop_number(db, "SELECT COUNT(*) FROM done WHERE number = %d", order) == 0)
		shop_run(db, "INSERT INTO done VALUES (%d)", order);
}

static void handle_queue(MYSQL *db)
{
	int order = shop_number(db, "SELECT id FROM orders WHERE status = 'pending' ORDER BY id LIMIT 1", 0);

	if (order > 0)
		fulfill(db, order);
}

#endif

static void handle(int order)
{
	MYSQL *db = shop_open();

	if (is_way("uncounted"))
		handle_uncounted(db, order);
	else if (is_way("early-unlock"))
		handle_unlock(db, order);
	else if (is_way("check-insert"))
		handle_insert(db, order);
	else if (is_way("queue"))
		handle_queue(db);
	else
		handle_committed(db, order);
	mysql_close(db);
}

#include "handlers.h"
