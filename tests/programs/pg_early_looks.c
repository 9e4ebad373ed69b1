/*
 * Two withdrawals on PostgreSQL, whose connections main has opened, so that they meet nowhere but in the database. Each
 * looks at what is left before the other one's transaction has ended.
 * database: postgresql
 * time-limit: 120
 *
 * The lock is given back before the transaction is committed.
 * race: explore --no-minimize -- early-unlock
 * expect: serializability within 10
 * class: lost update
 * replays: 3
 *
 * A statement with a query in it waits for the row, and goes by what the query has seen before.
 * race: explore --no-minimize -- query
 * expect: serializability within 10
 * replays: 3
 *
 * So does a function.
 * race: explore --no-minimize -- function
 * expect: serializability within 10
 * replays: 3
 *
 * Several statements in one text.
 * race: explore --no-minimize -- several
 * expect: serializability within 10
 * replays: 3
 */
#define SHOP_TABLE "CREATE FUNCTION withdraw() RETURNS integer LANGUAGE plpgsql AS 'DECLARE had integer; BEGIN" \
	" SELECT amount INTO had FROM orders WHERE id = 1 " FOR_UPDATE "; UPDATE orders SET amount = had - 10 WHERE id = 1;" \
	" RETURN had; END'"
#ifdef FIXED
#define FOR_UPDATE "FOR UPDATE"
#else
#define FOR_UPDATE ""
#endif
#include "pg_shop.h"

static const char *way;

static int is_way(const char *name)
{
	return strcmp(way, name) == 0;
}

static void write_back(PGconn *db, const char *format)
{
	char sql[128];

	snprintf(sql, sizeof sql, format, shop_number(db, "SELECT amount FROM orders WHERE id = $1", 1) - 10);
	shop_run(db, sql, 0);
}

static void unlock(PGconn *db)
{
	shop_run(db, "SELECT pg_advisory_unlock(7)", 0);
}

static void *withdraw(void *db)
{
	shop_run(db, is_way("several") ? "SELECT" : "BEGIN", 0);
#ifdef FIXED
	shop_run(db, "SELECT pg_advisory_lock(7)", 0);
#else
	if (is_way("early-unlock"))
		shop_run(db, "SELECT pg_advisory_lock(7)", 0);
#endif
	if (is_way("query"))
		shop_run(db, "WITH had AS (SELECT amount FROM orders WHERE id = 1) UPDATE orders SET amount = had.amount - 10"
			" FROM had WHERE id = 1", 0);
	else if (is_way("function"))
		shop_run(db, "SELECT withdraw()", 0);
	else
		write_back(db, is_way("several") ? "BEGIN; UPDATE orders SET amount = %d WHERE id = 1; COMMIT" :
			"UPDATE orders SET amount = %d WHERE id = 1");
#ifndef FIXED
	if (is_way("early-unlock"))
		unlock(db);
#endif
	shop_run(db, is_way("several") ? "SELECT" : "COMMIT", 0);
#ifdef FIXED
	unlock(db);
#endif
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	PGconn *sessions[2];

	way = argc > 1 ? argv[1] : "";
	shop_create();
	for (int i = 0; i < 2; i++)
		sessions[i] = shop_open();
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, withdraw, sessions[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		PQfinish(sessions[i]);
	return 0;
}
