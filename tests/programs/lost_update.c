/* Two purchases read the balance, subtract in the program and write the result back: one payment is lost.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
 * race: explore --strategy auto --max-executions 200 -- wal
 * expect: serializability within 5
 * class: lost update
 */
#include "store.h"

static void *purchase(void *price)
{
	sqlite3 *connection = store_connect();
#ifdef FIXED
	store_run(connection, "UPDATE accounts SET balance = balance - ? WHERE id = 1", (int)(intptr_t)price);
#else
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	store_run(connection, "UPDATE accounts SET balance = ? WHERE id = 1", balance - (int)(intptr_t)price);
#endif
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
