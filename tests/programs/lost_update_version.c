/* A version number detects that the row has changed since it was read, and the purchase is computed anew.
 * race: explore --max-executions 300
 * expect: clean
 */
#include "store.h"

static bool purchase_try(sqlite3 *connection, int price)
{
	int version = store_ask(connection, "SELECT version FROM accounts WHERE id = 1");
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	return store_run(connection,
		       "UPDATE accounts SET balance = ?, version = version + 1 WHERE id = 1 AND version = ?",
		       balance - price, version) == 1;
}

static bool purchase_on(sqlite3 *connection, int price)
{
	while (!purchase_try(connection, price))
		;
	return true;
}

static void *purchase(void *price)
{
	return store_unit(purchase_on, (int)(intptr_t)price);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER, version INTEGER);"
				 "INSERT INTO accounts VALUES (1, 100, 1)");
	pthread_t book = start(purchase, (void *)30);
	pthread_t lamp = start(purchase, (void *)50);
	finish(book);
	finish(lamp);
	return 0;
}
