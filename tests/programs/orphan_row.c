/* An item is put into a cart that is being deleted: the cart was still there when it was looked for.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 10
 */
#include "store.h"

static void begin(sqlite3 *connection)
{
#ifdef FIXED
	store_run(connection, "BEGIN IMMEDIATE");
#endif
}

static void commit(sqlite3 *connection)
{
#ifdef FIXED
	store_run(connection, "COMMIT");
#endif
}

static void *item_add(void *unused)
{
	sqlite3 *connection = store_connect();
	begin(connection);
	bool exists = store_ask(connection, "SELECT id FROM carts WHERE id = 1") == 1;
	if (exists)
		store_run(connection, "INSERT INTO items (cart_id) VALUES (1)");
	commit(connection);
	sqlite3_close(connection);
	return exists ? STORE_OK : STORE_DECLINED;
}

static void *cart_delete(void *unused)
{
	sqlite3 *connection = store_connect();
	begin(connection);
	store_run(connection, "DELETE FROM items WHERE cart_id = 1");
	store_run(connection, "DELETE FROM carts WHERE id = 1");
	commit(connection);
	sqlite3_close(connection);
	return STORE_OK;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE carts (id INTEGER PRIMARY KEY);"
				"CREATE TABLE items (cart_id INTEGER);"
				"INSERT INTO carts VALUES (1)");
	run_two(item_add, cart_delete);
	return 0;
}
