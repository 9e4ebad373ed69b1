/* One handler counts orders, the other makes a table and a view of it: where these are not taken away again, the next
 * execution can't make them, and ends with status 3. Its statements are followed, so the server is not asked in vain
 * whether somebody else has made some.
 * race: explore --strategy random --max-executions 40
 * expect: clean
 * database: mariadb
 */
#include "my_shop.h"

static void *count(void *db)
{
	shop_run(db, "UPDATE orders SET amount = amount + 1 WHERE id = %d", 1);
	return NULL;
}

static void *make(void *db)
{
	shop_run(db, "CREATE TABLE counts (id int PRIMARY KEY, amount int)", 0);
	shop_run(db, "CREATE VIEW counted AS SELECT id FROM counts", 0);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

	shop_create();
	MYSQL *dbs[2] = {shop_open(), shop_open()};
	pthread_create(&threads[0], NULL, count, dbs[0]);
	pthread_create(&threads[1], NULL, make, dbs[1]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		mysql_close(dbs[i]);
	return 0;
}
