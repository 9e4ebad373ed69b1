/* An item is put into a cart that is being deleted: the cart was still there when it was looked for.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

static bool item_add_on(sqlite3 *connection, int item)
{
#ifdef FIXED
	return store_run(connection, "INSERT INTO items (cart_id, item) SELECT id, ? FROM carts WHERE id = 1", item) == 1;
#else
	if (store_ask(connection, "SELECT id FROM carts WHERE id = 1") != 1)
		return false;
	return store_run(connection, "INSERT INTO items (cart_id, item) VALUES (1, ?)", item) == 1;
#endif
}

/* The cart first: what can still be added is then nothing. */
static bool cart_delete_on(sqlite3 *connection, int cart)
{
	store_run(connection, "DELETE FROM carts WHERE id = ?", cart);
	store_run(connection, "DELETE FROM items WHERE cart_id = ?", cart);
	return true;
}

static void *item_add(void *unused)
{
	return store_unit(item_add_on, 12);
}

static void *cart_delete(void *unused)
{
	return store_unit(cart_delete_on, 1);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE carts (id INTEGER PRIMARY KEY);"
				 "CREATE TABLE items (cart_id INTEGER, item INTEGER);"
				 "INSERT INTO carts VALUES (1)");
	run_two(item_add, cart_delete);
	return 0;
}
