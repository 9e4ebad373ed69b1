/* A refund and a shipment both find the order paid: the customer gets the goods and the money.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
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

static bool refund_on(sqlite3 *connection, int amount)
{
	if (!is_paid(connection) ||
		store_run(connection, "UPDATE orders SET status = 'refunded' WHERE id = 1" AND_PAID) != 1)
		return false;
	store_run(connection, "INSERT INTO refunds (order_id, amount) VALUES (1, ?)", amount);
	return true;
}

static bool ship_on(sqlite3 *connection, int parcels)
{
	if (!is_paid(connection) ||
		store_run(connection, "UPDATE orders SET status = 'shipped' WHERE id = 1" AND_PAID) != 1)
		return false;
	store_run(connection, "INSERT INTO shipments (order_id, parcels) VALUES (1, ?)", parcels);
	return true;
}

static void *refund(void *unused)
{
	return store_unit(refund_on, 40);
}

static void *ship(void *unused)
{
	return store_unit(ship_on, 2);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT);"
				 "CREATE TABLE refunds (order_id INTEGER, amount INTEGER);"
				 "CREATE TABLE shipments (order_id INTEGER, parcels INTEGER);"
				 "INSERT INTO orders VALUES (1, 'paid')");
	run_two(refund, ship);
	return 0;
}
