/* Stock is checked, then set to one less than what was seen: two buyers of the last item but one both get it.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
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

static void *buy(void *customer)
{
	sqlite3 *connection = store_connect();
	bool taken = item_take(connection);
	if (taken)
		store_run(connection, "INSERT INTO sales (customer) VALUES (?)", (int)(intptr_t)customer);
	sqlite3_close(connection);
	return taken ? STORE_OK : STORE_DECLINED;
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
