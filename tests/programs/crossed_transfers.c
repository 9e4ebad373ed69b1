/* Two transfers between the same accounts in opposite directions, each in a transaction that reads before it writes.
 * One is turned away as busy, and reports success all the same.
 * race: explore --strategy auto --max-executions 300
 * expect: serializability within 20
 * class: lost work
 */
#include "store.h"

struct transfer {
	int from, to, amount;
};

static bool transfer_try(sqlite3 *connection, const struct transfer *transfer)
{
	store_run(connection, "BEGIN");
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = ?", transfer->from);
	if (balance != STORE_BUSY && balance < transfer->amount) {
		store_run(connection, "ROLLBACK");
		return true;
	}
	if (balance != STORE_BUSY &&
		store_run(connection, "UPDATE accounts SET balance = balance - ? WHERE id = ?", transfer->amount,
			transfer->from) != STORE_BUSY &&
		store_run(connection, "UPDATE accounts SET balance = balance + ? WHERE id = ?", transfer->amount,
			transfer->to) != STORE_BUSY &&
		store_run(connection, "COMMIT") != STORE_BUSY)
		return true;
	store_run(connection, "ROLLBACK");
	return false;
}

static void *transfer(void *what)
{
	sqlite3 *connection = store_connect();
#ifdef FIXED
	while (!transfer_try(connection, what))
		;
#else
	transfer_try(connection, what);
#endif
	sqlite3_close(connection);
	return STORE_OK;
}

int main(int argc, char **argv)
{
	static struct transfer there = {1, 2, 30}, back = {2, 1, 50};
	store_create(argc, argv, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER);"
				"INSERT INTO accounts VALUES (1, 100), (2, 100)");
	pthread_t one = start(transfer, &there);
	pthread_t two = start(transfer, &back);
	finish(one);
	finish(two);
	return 0;
}
