/* Two transfers between the same accounts in opposite directions, each in a transaction that reads before it writes.
 * One is turned away as busy, and reports success all the same.
 * race: explore --max-executions 300 -- begin
 * expect: serializability within 10
 * class: lost work
 * race: explore --max-executions 300 -- begin wal
 * expect: serializability within 10
 * class: lost work
 */
#include "store.h"

static bool transfer_on(sqlite3 *connection, int amount)
{
	int from = amount > 0 ? 1 : 2;
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = ?", from);
	if (balance < abs(amount))
		return false;
	store_run(connection, "UPDATE accounts SET balance = balance - ? WHERE id = ?", abs(amount), from);
	store_run(connection, "UPDATE accounts SET balance = balance + ? WHERE id = ?", abs(amount), 3 - from);
	return true;
}

/* Positive amounts go from the first account to the second. */
static void *transfer(void *amount)
{
	void *result = store_unit(transfer_on, (int)(intptr_t)amount);
#ifdef FIXED
	while (result == STORE_REFUSED)
		result = store_unit(transfer_on, (int)(intptr_t)amount);
#endif
	return result == STORE_REFUSED ? STORE_OK : result;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER);"
				 "INSERT INTO accounts VALUES (1, 100), (2, 100)");
	pthread_t there = start(transfer, (void *)30);
	pthread_t back = start(transfer, (void *)-50);
	finish(there);
	finish(back);
	return 0;
}
