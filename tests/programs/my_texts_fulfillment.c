/*
 * A shop on MariaDB whose handlers send several statements in one text: the fulfilment is a single query, but whether the
 * order is pending was asked before.
 * database: mariadb
 * race: explore
 * expect: serializability within 10
 * class: double effect
 * message: before either wrote it (SELECT status = ? FROM orders WHERE id = ? / BEGIN; UPDATE orders SET
 */
#include "my_shop.h"

/* All of them. */
static void run(MYSQL *db, const char *sql)
{
	int more = mysql_query(db, sql);

	for (; more == 0; more = mysql_next_result(db))
		mysql_free_result(mysql_store_result(db));
	if (more > 0)
		shop_fail(db, sql);
}

static void handle(int order)
{
	MYSQL *db = shop_open();

	mysql_set_server_option(db, MYSQL_OPTION_MULTI_STATEMENTS_ON);
#ifdef FIXED
	(void)order;
	run(db, "BEGIN; SELECT @status := status FROM orders WHERE id = 1 FOR UPDATE;"
		"UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND @status = 'pending';"
		"INSERT INTO shipments (order_id) SELECT id FROM orders WHERE id = 1 AND @status = 'pending'; COMMIT");
#else
	if (shop_is_pending(db, order))
		run(db, "BEGIN; UPDATE orders SET status = 'fulfilled' WHERE id = 1;"
			"INSERT INTO shipments (order_id) VALUES (1); COMMIT");
#endif
	mysql_close(db);
}

#include "handlers.h"
