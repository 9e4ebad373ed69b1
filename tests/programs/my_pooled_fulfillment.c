/* A shop on MariaDB whose handlers take connections from a pool, with a statement that was prepared when it was
 * filled: both see a pending order and both fulfil it.
 * database: mariadb
 * race: explore
 * expect: serializability within 10
 * class: double effect
 */
#include "my_shop.h"

#define POOLED struct pooled

struct pooled {
	MYSQL *db;
	MYSQL_STMT *ship;
};

static struct pooled *pooled_open(void)
{
	static const char ship[] = "INSERT INTO shipments (order_id) VALUES (?)";
	struct pooled *pooled = malloc(sizeof *pooled);

	pooled->db = shop_open();
	shop_run(pooled->db, "SET SESSION max_statement_time = 50", 0);
	pooled->ship = mysql_stmt_init(pooled->db);
	if (mysql_stmt_prepare(pooled->ship, ship, strlen(ship)))
		shop_fail(pooled->db, ship);
	return pooled;
}

static void pooled_close(struct pooled *pooled)
{
	mysql_stmt_close(pooled->ship);
	mysql_close(pooled->db);
	free(pooled);
}

static void perform(struct pooled *pooled, int order)
{
	MYSQL_BIND parameter = {.buffer_type = MYSQL_TYPE_LONG, .buffer = &order};

	if (mysql_stmt_bind_param(pooled->ship, &parameter) || mysql_stmt_execute(pooled->ship))
		shop_fail(pooled->db, "ship");
}

static void handle(struct pooled *pooled, int order)
{
	if (!shop_is_pending(pooled->db, order))
		return;
#ifdef FIXED
	if (shop_run(pooled->db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d AND status = 'pending'", order) == 1)
#else
	if (shop_run(pooled->db, "UPDATE orders SET status = 'fulfilled' WHERE id = %d", order) >= 0)
#endif
		perform(pooled, order);
}

#include "pooled.h"
