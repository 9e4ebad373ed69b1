/* Stock is checked, then set to one less than what was seen: two buyers get the last item.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

static bool item_take(sqlite3 *connection)
{
#ifdef FIXED
	return store_run(connection, "UPDATE items SET stock = stock - 1 WHERE id = 1 AND stock > 0") == 1;
#else
	int stock = store_ask(connection, "SELECT stock FROM items WHERE id = 1");
	if (stock <= 0)
		return false;
	store_run(connection, "UPDATE items SET stock = ? WHERE id = 1", stock - 1);
	return true;
#endif
}

static bool buy_on(sqlite3 *connection, int customer)
{
	if (!item_take(connection))
		return false;
	store_run(connection, "INSERT INTO sales (customer) VALUES (?)", customer);
	return true;
}

static void *buy(void *customer)
{
	return store_unit(buy_on, (int)(intptr_t)customer);
}

#ifndef BUYERS
#define BUYERS 2
#define STOCK "1"
#endif

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE items (id INTEGER PRIMARY KEY, stock INTEGER);"
				 "CREATE TABLE sales (customer INTEGER);"
				 "INSERT INTO items VALUES (1, " STOCK ")");
	run_many(BUYERS, buy);
	return 0;
}
