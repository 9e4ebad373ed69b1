/* An article is reserved, then sold if nobody has sold another meanwhile. A sale that was turned away says so, but its
 * reservation stays.
 * race: explore --max-executions 300
 * expect: serializability within 10
 * class: half-done work
 * message: reports failure, but what it had committed before is still there
 */
#include "store.h"

static bool sell_on(sqlite3 *connection, int customer)
{
	int version = store_ask(connection, "SELECT version FROM articles WHERE id = 1");

	store_run(connection, "INSERT INTO reservations VALUES (?)", customer);
	if (store_run(connection, "UPDATE articles SET stock = stock - 1, version = version + 1 WHERE id = 1 AND version = ?",
		    version) == 1)
		return true;
#ifdef FIXED
	store_run(connection, "DELETE FROM reservations WHERE customer = ?", customer);
#endif
	return false;
}

static void *sell(void *customer)
{
	return store_unit(sell_on, (int)(intptr_t)customer);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE articles (id INTEGER PRIMARY KEY, stock INTEGER, version INTEGER);"
				 "CREATE TABLE reservations (customer INTEGER PRIMARY KEY);"
				 "INSERT INTO articles VALUES (1, 10, 1)");
	pthread_t alice = start(sell, (void *)1);
	pthread_t bob = start(sell, (void *)2);
	finish(alice);
	finish(bob);
	return 0;
}
