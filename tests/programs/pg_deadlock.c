/*
 * Two transfers lock two accounts in opposite order. PostgreSQL ends the one that closes the cycle (40P01), which says
 * that it has moved its money all the same.
 * database: postgresql
 * race: explore --max-executions 60
 * expect: serializability within 10
 * class: lost work
 */
#include "pg_shop.h"
#include "transfers.h"

/* The error is for the log, thinks who has written this. */
static void run(PGconn *db, const char *sql, int number)
{
	const char *const values[] = {number == 1 ? "1" : "2"};

	PQclear(PQexecParams(db, sql, strchr(sql, '$') ? 1 : 0, NULL, values, NULL, NULL, 0));
}

static void *move(void *argument)
{
	struct transfer transfer = *(const struct transfer *)argument;
	int amount = 10;
	PGconn *db = shop_open();

#ifdef FIXED
	if (transfer.from > transfer.to) {
		transfer = (struct transfer){transfer.to, transfer.from};
		amount = -amount;
	}
#endif
	run(db, "BEGIN", 0);
	run(db, amount < 0 ? "UPDATE accounts SET amount = amount + 10 WHERE id = $1" :
		"UPDATE accounts SET amount = amount - 10 WHERE id = $1", transfer.from);
	run(db, amount < 0 ? "UPDATE accounts SET amount = amount - 10 WHERE id = $1" :
		"UPDATE accounts SET amount = amount + 10 WHERE id = $1", transfer.to);
	run(db, "COMMIT", 0);
	PQfinish(db);
	return "moved";
}

static void accounts_create(void)
{
	PGconn *db = shop_open();

	shop_run(db, "CREATE TABLE accounts (id integer PRIMARY KEY, amount integer NOT NULL)", 0);
	shop_run(db, "INSERT INTO accounts VALUES (1, 100), (2, 100)", 0);
	PQfinish(db);
}
