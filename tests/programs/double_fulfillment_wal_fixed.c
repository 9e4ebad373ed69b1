/*
 * The fulfilment with its check inside the statement, in WAL mode.
 * race: explore --max-executions 1000
 * expect: clean
 * exhausted: yes
 */
#define SHOP_JOURNAL "WAL"
#include "shop.h"

static void ship(sqlite3 *db, int order)
{
	sqlite3_stmt *statement = shop_prepare(db, "INSERT INTO shipments (order_id) VALUES (?)");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
}

/* Check and change in one statement; the row count tells who won. */
static int claim(sqlite3 *db, int order)
{
	sqlite3_stmt *statement =
		shop_prepare(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ? AND status = 'pending'");

	sqlite3_bind_int(statement, 1, order);
	shop_run(statement);
	return sqlite3_changes(db);
}

static void handle(int order)
{
	sqlite3 *db = shop_open();

	if (claim(db, order) == 1)
		ship(db, order);
	sqlite3_close(db);
}

static void *charge(void *argument)
{
	handle(*(int *)argument);
	return NULL;
}

static void *webhook(void *argument)
{
	handle(*(int *)argument);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];
	int order = 1;

	shop_create();
	pthread_create(&threads[0], NULL, charge, &order);
	pthread_create(&threads[1], NULL, webhook, &order);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}
