/* A reader that missed the cache reads the old price, the writer updates and invalidates, the reader fills the cache
 * with what it read: the cache is wrong until something else empties it.
 * race: explore --max-executions 200
 * expect: assert within 10
 */
#include "store.h"

enum { EMPTY = -1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int cached = EMPTY, ninvalidated;

static void *change_price(void *unused)
{
	sqlite3 *connection = store_connect();
	store_run(connection, "UPDATE items SET price = 25 WHERE id = 1");
	sqlite3_close(connection);
	pthread_mutex_lock(&lock);
	cached = EMPTY;
	ninvalidated++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *show_price(void *unused)
{
	sqlite3 *connection = store_connect();
	pthread_mutex_lock(&lock);
	bool miss = cached == EMPTY;
	int before = ninvalidated;
	pthread_mutex_unlock(&lock);
	if (miss) {
		int price = store_ask(connection, "SELECT price FROM items WHERE id = 1");
		pthread_mutex_lock(&lock);
#ifdef FIXED
		if (before == ninvalidated)
#endif
			cached = price;
		pthread_mutex_unlock(&lock);
	}
	(void)before;
	sqlite3_close(connection);
	return NULL;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE items (id INTEGER PRIMARY KEY, price INTEGER);"
				"INSERT INTO items VALUES (1, 20)");
	run_two(change_price, show_price);
	sqlite3 *connection = store_connect();
	assert(cached == EMPTY || cached == store_ask(connection, "SELECT price FROM items WHERE id = 1"));
	sqlite3_close(connection);
	return 0;
}
