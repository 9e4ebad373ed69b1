/* The next invoice number is the highest plus one, asked for in one statement and used in another: one number twice.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
 */
#include "store.h"

static void *invoice(void *amount)
{
	sqlite3 *connection = store_connect();
#ifdef FIXED
	store_run(connection, "INSERT INTO invoices (number, amount) SELECT max(number) + 1, ? FROM invoices",
		(int)(intptr_t)amount);
#else
	int highest = store_ask(connection, "SELECT max(number) FROM invoices");
	store_run(connection, "INSERT INTO invoices (number, amount) VALUES (?, ?)", highest + 1, (int)(intptr_t)amount);
#endif
	sqlite3_close(connection);
	return STORE_OK;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE invoices (number INTEGER, amount INTEGER);"
				"INSERT INTO invoices VALUES (1000, 5)");
	pthread_t one = start(invoice, (void *)20);
	pthread_t two = start(invoice, (void *)30);
	finish(one);
	finish(two);
	return 0;
}
