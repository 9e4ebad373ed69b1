/*
 * Two different decisions on PostgreSQL from the same state, each in a transaction that its isolation level lets through.
 * database: postgresql
 * time-limit: 180
 *
 * Two doctors see that another one is on call, and go off call: REPEATABLE READ.
 * race: explore --no-minimize -- on-call
 * expect: serializability within 10
 * class: write skew
 * replays: 3
 *
 * An order that is paid is shipped and refunded.
 * race: explore --no-minimize -- refund
 * expect: serializability within 10
 * replays: 3
 *
 * The next number of an invoice is the greatest so far and one.
 * race: explore --no-minimize -- number
 * expect: serializability within 10
 * class: double insert
 * replays: 3
 */
#define SHOP_SECOND 2
#ifdef FIXED
#define UNIQUE " PRIMARY KEY"
#else
#define UNIQUE " NOT NULL"
#endif
#define SHOP_ROWS "(1, 'paid', 100)"
#define SHOP_TABLE "CREATE TABLE invoices (no integer" UNIQUE ", customer integer NOT NULL);" \
	"CREATE TABLE doctors (id integer PRIMARY KEY, on_call boolean NOT NULL);" \
	"INSERT INTO doctors VALUES (1, true), (2, true)"
#include "pg_shop.h"

static const char *shop_way;

static int is_way(const char *way)
{
	return strcmp(shop_way, way) == 0;
}

/* 1: the server has refused it. */
static int refused(PGconn *db, const char *sql, int number)
{
	char text[16];
	const char *const values[] = {text};

	snprintf(text, sizeof text, "%d", number);
	PGresult *result = PQexecParams(db, sql, strchr(sql, '$') ? 1 : 0, NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

/* Transactions that can be tried: 1, it was refused and is rolled back. */
static int go_off_call(PGconn *db, int doctor)
{
#ifdef FIXED
	shop_run(db, "BEGIN ISOLATION LEVEL SERIALIZABLE", 0);
#else
	shop_run(db, "BEGIN ISOLATION LEVEL REPEATABLE READ", 0);
#endif
	if (shop_number(db, "SELECT count(*) FROM doctors WHERE on_call", 0) == 2 &&
		refused(db, "UPDATE doctors SET on_call = false WHERE id = $1", doctor)) {
		shop_run(db, "ROLLBACK", 0);
		return 1;
	}
	return refused(db, "COMMIT", 0);
}

static int insert_number(PGconn *db, int customer)
{
	char sql[96];
	int number = shop_number(db, "SELECT coalesce(max(no), 0) + 1 FROM invoices", 0);

	snprintf(sql, sizeof sql, "INSERT INTO invoices (no, customer) VALUES (%d, $1)", number);
	return refused(db, sql, customer);
}

static int withdraw(PGconn *db)
{
	shop_run(db, "BEGIN ISOLATION LEVEL REPEATABLE READ", 0);
	int amount = shop_number(db, "SELECT amount FROM orders WHERE id = 1", 0);
	if (refused(db, "UPDATE orders SET amount = $1 WHERE id = 1", amount - 10)) {
		shop_run(db, "ROLLBACK", 0);
		return 1;
	}
	return refused(db, "COMMIT", 0);
}

static void settle(PGconn *db, int refund)
{
	const char *sql = refund ? "UPDATE orders SET status = 'refunded' WHERE id = 1" :
		"UPDATE orders SET status = 'shipped' WHERE id = 1";

#ifdef FIXED
	sql = refund ? "UPDATE orders SET status = 'refunded' WHERE id = 1 AND status = 'paid'" :
		"UPDATE orders SET status = 'shipped' WHERE id = 1 AND status = 'paid'";
#else
	if (shop_number(db, "SELECT count(*) FROM orders WHERE id = 1 AND status = 'paid'", 0) == 0)
		return;
#endif
	if (shop_run(db, sql, 0) == 1)
		shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", refund ? -1 : 1);
}

static int try_once(PGconn *db, int number)
{
	if (is_way("on-call"))
		return go_off_call(db, number);
	if (is_way("number"))
		return insert_number(db, number);
	if (is_way("withdraw"))
		return withdraw(db);
	settle(db, number == 2);
	return 0;
}

static void handle(int number)
{
	PGconn *db = shop_open();
	int again = try_once(db, number);

#ifdef FIXED
	while (again)
		again = try_once(db, number);
#endif
	(void)again;
	PQfinish(db);
}

#include "handlers.h"
