/* A coupon is looked up, and marked as used by a statement that doesn't look again: two orders get the discount.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * race: explore --max-executions 150 -- begin
 * expect: clean
 * race: explore --max-executions 150 -- immediate
 * expect: clean
 */
#include "store.h"

static bool coupon_redeem(sqlite3 *connection)
{
#ifdef FIXED
	return store_run(connection, "UPDATE coupons SET used = 1 WHERE id = 1 AND used = 0") == 1;
#else
	if (store_ask(connection, "SELECT used FROM coupons WHERE id = 1") != 0)
		return false;
	store_run(connection, "UPDATE coupons SET used = 1 WHERE id = 1");
	return true;
#endif
}

static bool check_out_on(sqlite3 *connection, int order)
{
	if (!coupon_redeem(connection))
		return false;
	store_run(connection, "INSERT INTO discounts (order_id, amount) VALUES (?, 10)", order);
	return true;
}

static void *check_out(void *order)
{
	return store_unit(check_out_on, (int)(intptr_t)order);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE coupons (id INTEGER PRIMARY KEY, used INTEGER);"
				 "CREATE TABLE discounts (order_id INTEGER, amount INTEGER);"
				 "INSERT INTO coupons VALUES (1, 0)");
	run_many(2, check_out);
	return 0;
}
