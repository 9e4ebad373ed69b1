/*
 * Two transfers lock two accounts in opposite order; PostgreSQL ends one of them (40P01), and it says that it has
 * failed. That is a refusal: no finding, and no hang.
 * database: postgresql
 * race: explore --max-executions 40
 * expect: clean
 */
#include "pg_shop.h"
#include "transfers.h"

/* 1: the server has refused it. */
static int try_run(PGconn *db, const char *sql, int number)
{
	const char *const values[] = {number == 1 ? "1" : "2"};
	PGresult *result = PQexecParams(db, sql, strchr(sql, '$') ? 1 : 0, NULL, values, NULL, NULL, 0);
	int refused = PQresultStatus(result) != PGRES_COMMAND_OK;

	PQclear(result);
	return refused;
}

static void *move(void *argument)
{
	const struct transfer *transfer = argument;
	PGconn *db = shop_open();
	int refused = try_run(db, "BEGIN", 0) ||
		try_run(db, "UPDATE orders SET amount = amount - 10 WHERE id = $1", transfer->from) ||
		try_run(db, "UPDATE orders SET amount = amount + 10 WHERE id = $1", transfer->to) || try_run(db, "COMMIT", 0);

	PQfinish(db);
	return refused ? "refused" : NULL;
}

static void accounts_create(void)
{
	PGconn *db = shop_open();

	shop_run(db, "CREATE TABLE orders (id integer PRIMARY KEY, amount integer NOT NULL)", 0);
	shop_run(db, "INSERT INTO orders VALUES (1, 100), (2, 100)", 0);
	PQfinish(db);
}
