/*
 * Two workers LISTEN to what is paid, and add the first payment that PostgreSQL notifies them of to a sum, which they read
 * and then write.
 * database: postgresql
 * race: explore --max-executions 200
 * expect: assert within 100
 */
#include <assert.h>
#include <poll.h>

#include "pg_shop.h"

enum { WORKERS = 2 };

static PGconn *listeners[WORKERS];

static int hear(PGconn *db)
{
	PGnotify *notification;

	while ((notification = PQnotifies(db)) == NULL) {
		struct pollfd query = {.fd = PQsocket(db), .events = POLLIN};
		assert(poll(&query, 1, -1) == 1);
		assert(PQconsumeInput(db));
	}
	int paid = atoi(notification->extra);
	PQfreemem(notification);
	return paid;
}

static void *work(void *number)
{
	PGconn *db = listeners[*(const int *)number];
	int paid = hear(db);

#ifdef FIXED
	shop_run(db, "UPDATE orders SET amount = amount + $1 WHERE id = 1", paid);
#else
	int amount = shop_number(db, "SELECT amount FROM orders WHERE id = 1", 0);
	shop_run(db, "UPDATE orders SET amount = $1 WHERE id = 1", amount + paid);
#endif
	return NULL;
}

static void *pay(void *unused)
{
	PGconn *db = shop_open();

	shop_run(db, "BEGIN", 0);
	shop_run(db, "NOTIFY paid, '10'", 0);
	shop_run(db, "INSERT INTO shipments (order_id) VALUES ($1)", 1);
	shop_run(db, "COMMIT", 0);
	PQfinish(db);
	return NULL;
}

int main(void)
{
	static const int numbers[WORKERS] = {0, 1};
	pthread_t threads[WORKERS + 1];

	shop_create();
	for (int i = 0; i < WORKERS; i++) {
		listeners[i] = shop_open();
		shop_run(listeners[i], "LISTEN paid", 0);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)&numbers[i]);
	pthread_create(&threads[WORKERS], NULL, pay, NULL);
	for (int i = 0; i <= WORKERS; i++)
		pthread_join(threads[i], NULL);
	assert(shop_number(listeners[0], "SELECT amount FROM orders WHERE id = 1", 0) == 100 + WORKERS * 10);
	for (int i = 0; i < WORKERS; i++)
		PQfinish(listeners[i]);
	return 0;
}
