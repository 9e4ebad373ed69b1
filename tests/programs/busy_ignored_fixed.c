/* The same purchase, tried again until it is not refused.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#include "store.h"

static bool purchase_try(sqlite3 *connection, int price)
{
	store_run(connection, "BEGIN");
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	if (balance != STORE_BUSY &&
		store_run(connection, "UPDATE accounts SET balance = ? WHERE id = 1", balance - price) != STORE_BUSY &&
		store_run(connection, "COMMIT") != STORE_BUSY)
		return true;
	store_run(connection, "ROLLBACK");
	return false;
}

static void *purchase(void *price)
{
	sqlite3 *connection = store_connect();
	while (!purchase_try(connection, (int)(intptr_t)price))
		;
	sqlite3_close(connection);
	return STORE_OK;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER);"
				"INSERT INTO accounts VALUES (1, 100)");
	pthread_t book = start(purchase, (void *)30);
	pthread_t lamp = start(purchase, (void *)50);
	finish(book);
	finish(lamp);
	return 0;
}
