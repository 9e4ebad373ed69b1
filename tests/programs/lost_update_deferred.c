/* The read and the write of a purchase in one transaction that begins without a lock. SQLite lets one of two commit;
 * the other gets BUSY, and says so: refused, nothing is lost.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 * race: explore --strategy auto --max-executions 300 -- wal
 * expect: clean
 */
#include "store.h"

/* What a purchase that was refused reports. Defined by a program that keeps quiet about it. */
#ifndef WHEN_REFUSED
#define WHEN_REFUSED STORE_REFUSED
#endif

static void *purchase(void *price)
{
	void *result = STORE_OK;
	sqlite3 *connection = store_connect();
	store_run(connection, "BEGIN");
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	if (balance == STORE_BUSY ||
		store_run(connection, "UPDATE accounts SET balance = ? WHERE id = 1", balance - (int)(intptr_t)price) ==
			STORE_BUSY ||
		store_run(connection, "COMMIT") == STORE_BUSY) {
		store_run(connection, "ROLLBACK");
		result = WHEN_REFUSED;
	}
	sqlite3_close(connection);
	return result;
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
