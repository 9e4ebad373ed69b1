/* The next invoice number is the highest plus one, asked for in one statement and used in another: one number twice.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

#ifndef COLUMN
#define COLUMN "number INTEGER"
#endif

static bool invoice_on(sqlite3 *connection, int amount)
{
#ifdef FIXED
	return store_run(connection, "INSERT INTO invoices (number, amount) SELECT max(number) + 1, ? FROM invoices",
		       amount) == 1;
#else
	int highest = store_ask(connection, "SELECT max(number) FROM invoices");
	return store_run(connection, "INSERT INTO invoices (number, amount) VALUES (?, ?)", highest + 1, amount) == 1;
#endif
}

static void *invoice(void *amount)
{
	void *result = store_unit(invoice_on, (int)(intptr_t)amount);
#ifdef PATIENT
	while (result == STORE_DECLINED)
		result = store_unit(invoice_on, (int)(intptr_t)amount);
#endif
	return result;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE invoices (" COLUMN ", amount INTEGER);"
				 "INSERT INTO invoices VALUES (1000, 5)");
	run_many(2, invoice);
	return 0;
}
