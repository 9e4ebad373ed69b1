/* A coupon is looked up, and marked as used by a statement that doesn't look again: two orders get the discount.
 * race: explore --strategy auto --max-executions 200
 * expect: serializability within 5
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

static void *check_out(void *order)
{
	sqlite3 *connection = store_connect();
	bool redeemed = coupon_redeem(connection);
	if (redeemed)
		store_run(connection, "INSERT INTO discounts (order_id, amount) VALUES (?, 10)", (int)(intptr_t)order);
	sqlite3_close(connection);
	return redeemed ? STORE_OK : STORE_DECLINED;
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE coupons (id INTEGER PRIMARY KEY, used INTEGER);"
				"CREATE TABLE discounts (order_id INTEGER, amount INTEGER);"
				"INSERT INTO coupons VALUES (1, 0)");
	pthread_t one = start(check_out, (void *)1);
	pthread_t two = start(check_out, (void *)2);
	finish(one);
	finish(two);
	return 0;
}
