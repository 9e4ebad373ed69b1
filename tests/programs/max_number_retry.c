/* The next number is the highest plus one; a unique index refuses the second of two equal ones, which is tried again.
 * race: explore --strategy auto --max-executions 300
 * expect: clean
 */
#include "store.h"

static bool invoice_try(sqlite3 *connection, int amount)
{
	int highest = store_ask(connection, "SELECT max(number) FROM invoices");
	return store_run(connection, "INSERT INTO invoices (number, amount) VALUES (?, ?)", highest + 1, amount) == 1;
}

static void *invoice(void *amount)
{
	sqlite3 *connection = store_connect();
	while (!invoice_try(connection, (int)(intptr_t)amount))
		;
	sqlite3_close(connection);
	return STORE_OK;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE invoices (number INTEGER UNIQUE, amount INTEGER);"
				"INSERT INTO invoices VALUES (1000, 5)");
	pthread_t one = start(invoice, (void *)20);
	pthread_t two = start(invoice, (void *)30);
	finish(one);
	finish(two);
	return 0;
}
