/* A report adds up two accounts in two statements while a transfer goes on, and stores a total that never was.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 30
 */
#include "store.h"

static void *transfer(void *unused)
{
	sqlite3 *connection = store_connect();
	store_run(connection, "BEGIN IMMEDIATE");
	store_run(connection, "UPDATE accounts SET balance = balance - 40 WHERE id = 1");
	store_run(connection, "UPDATE accounts SET balance = balance + 40 WHERE id = 2");
	store_run(connection, "COMMIT");
	sqlite3_close(connection);
	return STORE_OK;
}

static void *report(void *unused)
{
	sqlite3 *connection = store_connect();
#ifdef FIXED
	store_run(connection, "INSERT INTO reports (total) SELECT sum(balance) FROM accounts");
#else
	int total = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	total += store_ask(connection, "SELECT balance FROM accounts WHERE id = 2");
	store_run(connection, "INSERT INTO reports (total) VALUES (?)", total);
#endif
	sqlite3_close(connection);
	return STORE_OK;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER);"
				"CREATE TABLE reports (total INTEGER);"
				"INSERT INTO accounts VALUES (1, 70), (2, 30)");
	run_two(transfer, report);
	return 0;
}
