/* Two purchases read the balance, subtract in the program and write the result back: one payment is lost. In a
 * transaction that begins without a lock SQLite turns one of them away.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * class: lost update
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 * race: explore --max-executions 200 -- wal
 * expect: serializability within 5
 * class: lost update
 * race: explore --max-executions 150 -- begin wal
 * expect: clean
 * race: explore --max-executions 150 -- immediate wal
 * expect: clean
 */
#include "store.h"

static bool purchase_on(sqlite3 *connection, int price)
{
#ifdef FIXED
	store_run(connection, "UPDATE accounts SET balance = balance - ? WHERE id = 1", price);
#else
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
	store_run(connection, "UPDATE accounts SET balance = ? WHERE id = 1", balance - price);
#endif
	return true;
}

static void *purchase(void *price)
{
	void *result = store_unit(purchase_on, (int)(intptr_t)price);
#ifdef QUIET
	result = STORE_OK;
#endif
#ifdef PATIENT
	while (result == STORE_REFUSED)
		result = store_unit(purchase_on, (int)(intptr_t)price);
#endif
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
