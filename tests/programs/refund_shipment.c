/* A refund and a shipment both find the order paid: the customer gets the goods and the money.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
 */
#include "store.h"

#ifdef FIXED
#define AND_PAID " AND status = 'paid'"
#else
#define AND_PAID ""
#endif

static bool is_paid(sqlite3 *connection)
{
	return store_ask(connection, "SELECT status = 'paid' FROM orders WHERE id = 1") == 1;
}

static void *refund(void *unused)
{
	sqlite3 *connection = store_connect();
	bool done = is_paid(connection) &&
		store_run(connection, "UPDATE orders SET status = 'refunded' WHERE id = 1" AND_PAID) == 1;
	if (done)
		store_run(connection, "INSERT INTO refunds (order_id) VALUES (1)");
	sqlite3_close(connection);
	return done ? STORE_OK : STORE_DECLINED;
}

static void *ship(void *unused)
{
	sqlite3 *connection = store_connect();
	bool done = is_paid(connection) &&
		store_run(connection, "UPDATE orders SET status = 'shipped' WHERE id = 1" AND_PAID) == 1;
	if (done)
		store_run(connection, "INSERT INTO shipments (order_id) VALUES (1)");
	sqlite3_close(connection);
	return done ? STORE_OK : STORE_DECLINED;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT);"
				"CREATE TABLE refunds (order_id INTEGER);"
				"CREATE TABLE shipments (order_id INTEGER);"
				"INSERT INTO orders VALUES (1, 'paid')");
	run_two(refund, ship);
	return 0;
}
