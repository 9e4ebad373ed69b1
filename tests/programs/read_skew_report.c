/* A report adds up two accounts in two statements while a transfer goes on, and stores a total that never was.
 * race: explore --max-executions 200
 * expect: serializability within 30
 * class: read skew
 */
#include "store.h"

static bool transfer_on(sqlite3 *connection, int amount)
{
	store_run(connection, "BEGIN IMMEDIATE");
	store_run(connection, "UPDATE accounts SET balance = balance - ? WHERE id = 1", amount);
	store_run(connection, "UPDATE accounts SET balance = balance + ? WHERE id = 2", amount);
	return true;
}

static bool report_on(sqlite3 *connection, int year)
{
#ifdef FIXED
	return store_run(connection, "INSERT INTO reports (year, total) SELECT ?, sum(balance) FROM accounts", year) == 1;
#else
	int total = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	total += store_ask(connection, "SELECT balance FROM accounts WHERE id = 2");
	return store_run(connection, "INSERT INTO reports (year, total) VALUES (?, ?)", year, total) == 1;
#endif
}

static void *transfer(void *unused)
{
	return store_unit(transfer_on, 40);
}

static void *report(void *unused)
{
	return store_unit(report_on, 2026);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER);"
				 "CREATE TABLE reports (year INTEGER, total INTEGER);"
				 "INSERT INTO accounts VALUES (1, 70), (2, 30)");
	run_two(transfer, report);
	return 0;
}
