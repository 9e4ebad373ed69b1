/* The read and the write of a purchase in a transaction that begins with the write lock: one after the other.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 * race: explore --strategy auto --max-executions 300 -- wal
 * expect: clean
 */
#include "store.h"

static void *purchase(void *price)
{
	sqlite3 *connection = store_connect();
	store_run(connection, "BEGIN IMMEDIATE");
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	store_run(connection, "UPDATE accounts SET balance = ? WHERE id = 1", balance - (int)(intptr_t)price);
	store_run(connection, "COMMIT");
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
